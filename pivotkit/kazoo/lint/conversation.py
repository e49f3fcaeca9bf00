"""Findings on a whole conversation: what worked by luck, and what will never come about. Cheap: every call asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pivotkit.kazoo.lint.luck import Luck, charset_ignored, cookie_ignored, redirect_followed
from pivotkit.kazoo.pivot_end import NO_DEFAULT_CHILD
from pivotkit.records.http import Exchange, HttpResponse
from pivotkit.records.trace import CallRecord, Warning

_READ: Final = frozenset({"call", "redirect", "retry"})  # kinds of exchanges whose answers Kazoo reads
_NO_CHILD: Final = "pivot_without_default_child"
_SET_COOKIE: Final = len("set-cookie")
_CONTENT_TYPE: Final = len("content-type")


def conversation_findings(record: CallRecord, flow: Mapping[str, Any] | None = None) -> tuple[Warning, ...]:
    """What is odd about a call's conversation as a whole, told once a call each.

    Args:
        record: the call.
        flow: the target's own flow, where somebody wrote one; None: only an action was given. Of actions
            further down, and of those that servers answer with, the core itself tells.

    ``cookie_ignored``: a Set-Cookie; ``charset_ignored``: another charset than UTF-8; ``redirect_followed``: a
    redirect drops the call's parameters; ``pivot_without_default_child``: if the server fails, the caller is cut off.
    """
    found: dict[str, Warning] = {}
    if flow is not None and flow.get("module") == "pivot" and not _has_default_child(flow):
        found[_NO_CHILD] = Warning(id=_NO_CHILD, where="pivot 1", message=NO_DEFAULT_CHILD)
    before = None
    for exchange in record.exchanges:
        if exchange.request.kind in _READ:
            for luck in _about(exchange, before):
                if luck.id not in found:
                    found[luck.id] = _warning(luck, f"request {exchange.seq}")
            before = exchange.result.response
    return tuple(found.values())


def _has_default_child(node: Mapping[str, Any]) -> bool:
    children = node.get("children")
    return isinstance(children, Mapping) and "_" in children


def _warning(luck: Luck, where: str) -> Warning:
    return Warning(id=luck.id, where=where, message=f"{luck.message}; {luck.mend}")


def _about(exchange: Exchange, before: HttpResponse | None) -> Iterator[Luck]:
    """What is odd about one exchange; `before` is the answer in front of it."""
    if exchange.request.kind == "redirect" and before is not None:
        yield redirect_followed(before.status, before.header("location") or "")
    headers = exchange.result.response.headers if exchange.result.response is not None else ()
    # Lengths first: this is asked for each header of each answer.
    cookies = [value for name, value in headers if len(name) == _SET_COOKIE and name.lower() == "set-cookie"]
    if cookies:
        yield cookie_ignored(cookies)
    for name, value in headers:
        if len(name) == _CONTENT_TYPE and ";" in value and name.lower() == "content-type":
            luck = charset_ignored(value)
            if luck is not None:
                yield luck
