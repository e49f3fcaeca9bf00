"""directory: the caller spells a name on the dial pad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import NEXT_KEY_S, ask, say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import flag, part, text
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_TRIES: Final = 3
_MANY_KEYS: Final = 101  # the first, and a hundred more
_ASK_FOR: Final = {
    "first": "dir-enter_person_firstname",
    "last": "dir-enter_person_lastname",
    "both": "dir-enter_person_name",
}
_PAD: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


class _Person(NamedTuple):
    """Somebody in the directory."""

    first: str
    last: str
    callflow: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    def fits(self, keys: str, fields: str) -> bool:
        """Do the keys spell the beginning of the name?"""
        spellings = {
            "first": (self.first,),
            "last": (self.last,),
            "both": (self.first + self.last, self.last + self.first),
        }
        return any(spelled(each).startswith(keys) for each in spellings[fields])


def spelled(name: str) -> str:
    """The dial-pad keys of a name's letters.

    >>> spelled("Q. Zeno")
    '79366'
    """
    return "".join(key for key in name.lower().translate(_PAD) if key.isdecimal())


class _Directory(NamedTuple):
    people: tuple[_Person, ...]
    fields: str
    confirm: bool


def directory(node: Node, call: CallState) -> Script[Move]:
    """Ask for the letters of a name, and run that person's callflow. Kazoo: cf_directory.

    The account tells a directory by ``other={"directory": {ID: {"users": [{"first_name", "last_name",
    "callflow_id"}, …]}}}``; names may also stand in the user ``user_id``.
    """
    document = yield from find(call, node, "directory", text(node.data, "id"))
    if document.missing:
        raise KazooCrash(f"there is no directory {text(node.data, 'id')!r}")
    yield from talk.act(call, "answer")
    people = yield from _people(call, node, document.content)
    if not people:
        yield from say(call, "dir-no_results_found")
        known = "" if document.content else " (default: the account doesn't tell it)"
        return Go(reason=f"nobody is in the directory{known}")
    fields = text(document.content, "search_fields")
    search = _Directory(
        people=people,
        fields=fields if fields in _ASK_FOR else "both",
        confirm=flag(document.content, "confirm_match"),
    )
    return (yield from _search(node, call, search))


def _people(call: CallState, node: Node, document: Mapping[str, Any]) -> Script[tuple[_Person, ...]]:
    """Who is in the directory, sorted by last name, or as ``sort_by`` says."""
    people = []
    users = document.get("users")
    for each in users if isinstance(users, list) else []:
        if not isinstance(each, Mapping):
            continue
        user_id = text(each, "user_id")
        user = (yield from find(call, node, "user", user_id)).content if user_id else {}
        first = text(each, "first_name") or text(user, "first_name")
        last = text(each, "last_name") or text(user, "last_name")
        people.append(_Person(first=first, last=last, callflow=text(each, "callflow_id")))
    by_first = text(document, "sort_by") == "first_name"
    return tuple(
        sorted(people, key=lambda person: (person.first, person.last) if by_first else (person.last, person.first))
    )


def _search(node: Node, call: CallState, search: _Directory) -> Script[Move]:
    """Try after try, until somebody is chosen. 4.x only counts tries in which nothing at all is pressed."""
    empty = 0
    while empty < _TRIES:
        talk.count_round(call)
        keys = yield from ask(
            call, ("play", _ASK_FOR[search.fields]), what="directory", max_keys=_MANY_KEYS, first_s=NEXT_KEY_S
        )
        if call.hung_up:
            return Stop("the caller hung up")
        if keys[1:] == "0":
            return Go(reason="pressed 0")
        if len(keys) == 1:
            yield from say(call, "dir-specify_minimum")
        elif keys:
            move = yield from _choose(node, call, search, keys)
            if move is not None:
                return move
        counts = not keys or call.profile.directory_counts_all_tries
        empty = empty + 1 if counts else 0
    for prompt in ("dir-specify_minimum", "dir-no_results_found"):
        yield from say(call, prompt)
    return Stop(f"{_TRIES} tries used up")


def _choose(node: Node, call: CallState, search: _Directory, keys: str) -> Script[Move | None]:
    """Connect with one of those whose names fit; None to start over."""
    matches = [person for person in search.people if person.fits(keys, search.fields)]
    if len(matches) == 1:
        person = matches[0]
        if search.confirm and not (yield from _confirmed(call, person)):
            return Stop("the caller hung up") if call.hung_up else None
        return (yield from _connect(node, call, person, keys))
    for person in matches:
        choice = yield from _offered(call, person)
        if choice == "1":
            return (yield from _connect(node, call, person, keys))
        if choice == "":
            yield from say(call, "dir-no_more_results")
            return Stop("the caller hung up" if call.hung_up else f"{_TRIES} times no choice")
        if choice == "3":
            return None
    yield from say(call, "dir-no_more_results" if matches else "dir-no_results_found")
    return None


def _confirmed(call: CallState, person: _Person) -> Script[bool]:
    prompts = (("play", "dir-found"), ("tts", person.name), ("play", "dir-confirm_menu"))
    choice = yield from ask(call, *prompts, what="directory match", max_keys=1, first_s=NEXT_KEY_S)
    return choice == "1" and not call.hung_up


def _offered(call: CallState, person: _Person) -> Script[str]:
    """1 connect, 2 next, 3 start over; "" for three times nothing, or a caller who left."""
    silent = 0
    while silent < _TRIES and not call.hung_up:
        talk.count_round(call)
        prompts = (("play", "dir-result_number"), ("tts", person.name), ("play", "dir-result_menu"))
        choice = yield from ask(call, *prompts, what="directory choice", max_keys=1, first_s=NEXT_KEY_S)
        if choice in ("1", "2", "3"):
            return choice
        if choice:
            yield from say(call, "dir-invalid_key")
        silent = 0 if choice else silent + 1
    return ""


def _connect(node: Node, call: CallState, person: _Person, keys: str) -> Script[Move]:
    found = yield from find(call, node, "callflow", person.callflow)
    flow = part(found.content, "flow")
    if not flow:
        return Go(reason=f"{keys} is {person.name}, who has no callflow")
    return Jump(flow, f"callflow {person.callflow}", f"{keys} is {person.name}: callflow {person.callflow}")
