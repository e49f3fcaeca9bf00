"""check_cid, cidlistmatch and lookupcidname: the caller's number is compared with patterns and lists."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.dialled import caller_number, shown_as
from pivotkit.kazoo.callflow.number_lists import by_pattern, list_of, longest_prefix
from pivotkit.kazoo.callflow.reading import flag, matches, part, text
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script


def check_cid(node: Node, call: CallState) -> Script[Move]:
    """Branch on whether the caller's number fits ``regex``: match, nomatch, or the number. Kazoo: cf_check_cid.

    A match with a child gives the call name, number and owner, if all three are there.
    """
    caller, pattern = caller_number(call), text(node.data, "regex") or ".*"
    if not matches(pattern, caller):
        return _attempt(node, "nomatch", f"{caller} doesn't match {pattern}")
    key = caller if flag(node.data, "use_absolute_mode") else "match"
    if node.has(key):
        yield from _new_identity(node, call)
    return _attempt(node, key, f"{caller} matches {pattern}")


def _attempt(node: Node, key: str, reason: str) -> Move:
    """The child, if it is there and not empty; else the default child."""
    return Go(key, reason) if node.has(key) else Go("_", f"{reason}; no child {key!r}")


def _new_identity(node: Node, call: CallState) -> Script[None]:
    external = part(part(node.data, "caller_id"), "external")
    name, number, owner = text(external, "name"), text(external, "number"), text(node.data, "user_id")
    if name and number and owner:
        shown_as(call, name, number)
        call.info = replace(call.info, owners=(owner,))
        yield from talk.act(call, "caller_id", {"name": name, "number": number, "owner": owner})


def cidlistmatch(node: Node, call: CallState) -> Script[Move]:
    """Branch on whether the caller's number is on a list: match or nomatch. Kazoo: cf_cidlistmatch.

    In 5.x the patterns of a list only count if it has exactly one.
    """
    caller, list_id = caller_number(call), text(node.data, "id")
    if not list_id:
        return _attempt(node, "nomatch", f"{caller} is not on a list, for none is named")
    found = yield from list_of(call, node, list_id)
    if longest_prefix(found.entries, caller) is not None:
        return _attempt(node, "match", f"{caller} is on list {list_id}")
    patterns = [entry for entry in found.entries if entry.pattern]
    if len(patterns) > 1 and call.profile.only_pattern_counts:
        patterns = []
    if by_pattern(patterns, caller) is not None:
        return _attempt(node, "match", f"{caller} fits a pattern of list {list_id}")
    known = "" if found.told else " (default: the account doesn't tell it)"
    return _attempt(node, "nomatch", f"{caller} is not on list {list_id}{known}")


def lookupcidname(node: Node, call: CallState) -> Script[Move]:
    """Give the channel a name from a list. Kazoo: cf_lookupcidname.

    The flow's own copy of the call keeps the old name, and so do the Pivot requests that follow.
    """
    caller, lists = caller_number(call), node.data.get("lists")
    entries = []
    for list_id in lists if isinstance(lists, list) else []:
        entries.append((yield from list_of(call, node, str(list_id))).entries)
    beginnings = (longest_prefix(each, caller) for each in entries)
    entry = next((each for each in beginnings if each is not None), None) or by_pattern(chain(*entries), caller)
    if entry is None or not entry.name:
        return Go(reason=f"no name for {caller}")
    yield from talk.act(call, "channel_caller_id", {"name": entry.name})
    return Go(reason=f"{caller} is {entry.name}")
