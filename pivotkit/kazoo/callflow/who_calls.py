"""Who calls, for the modules that change the caller's own settings.

The account tells it by ``owners`` (the users of the calling phone) and ``other={"caller": {…}}``:

    "device": ID           the calling phone
    "internal": false      a caller from outside, who has neither phone nor user here
    "fax": true            no person, but a fax machine
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.endpoints import calling_device
from pivotkit.kazoo.moves import Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

Candidate: TypeAlias = tuple[str, str]
"""Kind (user, device) and id; "" for an id that isn't known."""


class Own(NamedTuple):
    """A document whose settings are the caller's to change."""

    name: str  # "user ann"; "the caller" where the account doesn't tell who calls
    content: Mapping[str, Any] = MappingProxyType({})


def is_internal(call: CallState) -> Script[bool | None]:
    """Does somebody of this account call? None where the account doesn't tell."""
    told: Any = yield from talk.lookup("caller", "internal")
    if isinstance(told, bool):
        return told
    known = call.info.owners or (yield from calling_device())
    return True if known else None


def calling_user(call: CallState) -> str:
    """The user who owns the calling phone; "" if there is none, or isn't told. Of several, the first."""
    return call.info.owners[0] if call.info.owners else ""


def own_document(call: CallState, node: Node, candidates: Sequence[Candidate]) -> Script[Own | None]:
    """The first of the documents that the account has; None where there is none to change.

    An account that doesn't tell who calls is taken to know the caller.
    """
    named = [candidate for candidate in candidates if candidate[1]]
    for kind, doc_id in named:
        document = yield from find(call, node, kind, doc_id)
        if not document.missing:
            return Own(f"{kind} {doc_id}", document.content)
    if named or (yield from is_internal(call)) is False:
        return None
    only_users = all(kind == "user" for kind, _ in candidates)
    ownerless = only_users and bool((yield from calling_device()))
    return None if ownerless else Own("the caller")


def remembered(call: CallState, setting: str, own: Own, stored: Any) -> Any:
    """A setting of the document: as this call made it, else as it is stored."""
    return call.changed.get((setting, own.name), stored)


def change(call: CallState, setting: str, own: Own, value: Any, **told: Any) -> Script[None]:
    """Change a setting of the document, for the rest of the call; ``told`` is for the trace."""
    call.changed[(setting, own.name)] = value
    yield from talk.act(call, setting, {"of": own.name, "now": value, **told})
