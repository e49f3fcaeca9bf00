"""What the call's account knows: the facts that Kazoo would look up while a flow runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pivotkit.caller.documents import Stored, read_documents
from pivotkit.errors import FlowFileError, UsageError
from pivotkit.records.json_form import from_json, to_json

FIELD_OF_KIND: Final[dict[str, str]] = {
    "media": "media",
    "menu": "menus",
    "callflow": "callflows",
    "user": "users",
    "device": "devices",
    "group": "groups",
    "voicemail": "voicemails",
    "list": "lists",
}
"""`Lookup.kind` → the field that holds such documents, by id. All other kinds stand in ``other``."""

_OF_THE_ACCOUNT: Final = {"account_id": "id", "language": "language"}  # field → where its document says it
SCOPES: Final = ("account", "user", "device")  # of variables, from the widest to the nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What is known of a media file: the words in it, how long it lasts, and what it is called."""

    text: str = ""
    seconds: float | None = None
    name: str = ""

    @property
    def words(self) -> str:
        """What a caller is taken to hear: the words in it, else its name; "" where neither is known."""
        return self.text or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Facts of an account. What isn't told is not known, and each action does what Kazoo does without it.

    Documents (``menus``, ``callflows`` …) stand under their ids, as Kazoo keeps them. What has no
    field stands in ``other``, kind → id → fact:

        caller              device (ID of the phone), internal (false: from outside), fax (true), parker
        account             caller_id (as the account's document has it), storage (false: none)
        agent, queue, queue_status                 the call centre
        temporal_rule, temporal_rule_set           time rules
        directory, conference, faxbox              documents by id
        function            ID → the flow that it returns
        nomorobo            NUMBER → robocall score, 0.0 to 1.0
        restricted          NUMBER → true: may not be dialled
        busy                user:ID, device:ID → true
        capture             name of a capture group → what it caught
        hotdesked, other_calls, parked             phones and calls besides this one
    """

    account_id: str = "0123456789abcdef0123456789abcdef"
    language: str | None = "en-us"
    owners: tuple[str, ...] = ()  # ids of the users who own the calling device: User-ID
    clock: datetime | None = None  # the account's local time when the call begins
    # scope (account, user, device, custom_channel_vars) → name → value, "doc" → id → name → value;
    # Kazoo only finds names in lower case, with underscores
    variables: Mapping[str, Any] = field(default_factory=dict)
    # id or URL → seconds, transcript, or {"text", "seconds", "name"}
    media: Mapping[str, Any] = field(default_factory=dict)
    menus: Mapping[str, Any] = field(default_factory=dict)
    callflows: Mapping[str, Any] = field(default_factory=dict)  # with "numbers" and "flow"
    users: Mapping[str, Any] = field(default_factory=dict)
    devices: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, Any] = field(default_factory=dict)
    voicemails: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)  # kind → id → fact, for kinds without a field

    def __post_init__(self) -> None:
        if self.clock is not None and not isinstance(self.clock, datetime):
            raise UsageError(f"clock={self.clock!r}: a datetime is wanted, as in datetime(2026, 11, 26, 9, 0)")
        for name in (*FIELD_OF_KIND.values(), "variables", "other"):
            if not isinstance(getattr(self, name), Mapping):
                raise UsageError(f"{name}={getattr(self, name)!r}: a dict by id is wanted")
        for kind, facts in self.other.items():
            if not isinstance(facts, Mapping):
                raise UsageError(f"other[{kind!r}]={facts!r}: a dict by id is wanted")
        for media_id, fact in self.media.items():
            _media(media_id, fact)

    def media_facts(self, media_id: str) -> Media:
        """What is known of a media file; nothing, if the account doesn't tell.

        >>> Account(media={"greeting": 4.5, "bye": "Goodbye."}).media_facts("greeting")
        Media(text='', seconds=4.5, name='')
        """
        return _media(media_id, self.media[media_id]) if media_id in self.media else Media()

    def fact(self, kind: str, key: str = "", *, at_s: float = 0.0) -> Any:
        """A fact as JSON; None where the account doesn't tell.

        ``clock`` has no key: ISO 8601, at that second of the call. ``number``: the callflow that has
        the number. ``variable``: ``SCOPE:NAME``, scope ``merged`` for the nearest of device, user
        and account, or ``doc:ID:NAME``; NAME may lead into objects (``a.b``). ``told``: does the
        account tell of documents of the kind KEY at all, so that one that isn't there is missing?
        ``where``: ``KIND:PATH=VALUE``, the ids of the documents with that value; None where none are told.

        >>> Account(variables={"user": {"tier": "gold"}}).fact("variable", "merged:tier")
        'gold'
        """
        if kind == "clock":
            return None if self.clock is None else (self.clock + timedelta(seconds=at_s)).isoformat()
        if kind == "number":
            return next((flow for flow in self.callflows.values() if _has_number(flow, key)), None)
        if kind == "variable":
            return _variable(self.variables, key)
        if kind == "told":
            return bool(self._documents(key))
        if kind == "where":
            return self._ids_where(*_condition(key))
        return self._documents(kind).get(key)

    def _documents(self, kind: str) -> Mapping[str, Any]:
        """All documents of a kind, by id."""
        held: Mapping[str, Any] = (
            getattr(self, FIELD_OF_KIND[kind]) if kind in FIELD_OF_KIND else self.other.get(kind, {})
        )
        return held

    def _ids_where(self, kind: str, path: str, value: str) -> list[str] | None:
        """The ids of a kind's documents in which that path has that value, as text."""
        held = self._documents(kind)
        found = [doc_id for doc_id, document in held.items() if str(_at_path(document, path)) == value]
        return found if held else None

    def only(self, asked: Iterable[tuple[str, str]]) -> Account:
        """The account with nothing but these facts (kind, key): a cassette keeps what a call looked up."""
        wanted = set(asked)
        kept: dict[str, dict[str, Any]] = {}
        for kind, key in sorted(wanted):
            for of_kind, doc_id, document in self._behind(kind, key, missing_too=("told", kind) in wanted):
                kept.setdefault(of_kind, {})[doc_id] = document
        fields_: dict[str, Any] = {name: kept.pop(kind, {}) for kind, name in FIELD_OF_KIND.items()}
        clock = self.clock if ("clock", "") in wanted else None
        return replace(self, clock=clock, variables=kept.pop("variable", {}), other=kept, **fields_)

    def _behind(self, kind: str, key: str, *, missing_too: bool) -> Iterator[tuple[str, str, Any]]:
        """What an answer rests on: kind, id and document. A missing document is None, where it matters."""
        if kind == "number":
            yield from (("callflow", name, flow) for name, flow in self.callflows.items() if _has_number(flow, key))
        elif kind == "variable":
            scopes = SCOPES if key.startswith("merged:") else (key.partition(":")[0],)
            yield from ((kind, scope, self.variables[scope]) for scope in scopes if scope in self.variables)
        elif kind == "where":
            of_kind, path, value = _condition(key)
            held = self._documents(of_kind)
            found = self._ids_where(of_kind, path, value) or list(held)[:1]  # one at least: the kind was told of
            yield from ((of_kind, doc_id, held[doc_id]) for doc_id in found)
        elif kind not in ("clock", "told"):
            held = self._documents(kind)
            if key in held or (held and missing_too):
                yield kind, key, held.get(key)

    @classmethod
    def load(cls, folder: str | Path, **facts: Any) -> Account:
        """The account of a folder of Crossbar's JSON documents: users, devices, media, menus, callflows …

        Args:
            folder: one document a file, or a list of them; bare, or in Crossbar's envelope ``{"data": …}``.
                What kind they are says ``pvt_type``, ``type``, or the sub-folder: ``users/``, ``menus/`` …
                Of media, ``transcript`` (or ``tts.text``, else ``name``) is what `Call.hears` finds, and
                ``seconds`` is how long it lasts. The document of the account itself gives id and language.
            facts: fields that no document tells, or that go before them: ``clock``, ``owners``, ``variables`` …

        Raises:
            FlowFileError: the folder or a document can't be read; the message names file and line.
        """
        told: dict[str, dict[str, Any]] = {}
        for stored in read_documents(Path(folder)):
            _shelve(told, stored)
        fields_: dict[str, Any] = {name: told.pop(kind, {}) for kind, name in FIELD_OF_KIND.items()}
        own = told.get("account", {})
        known = {name: own[key] for name, key in _OF_THE_ACCOUNT.items() if isinstance(own.get(key), str)}
        return cls(**(fields_ | known | {"other": told} | facts))

    def to_dict(self) -> dict[str, Any]:
        """As JSON: what is at its default is left out. Raises RecordError where a fact has no JSON form."""
        return to_json(self)

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> Account:
        """The account that `to_dict` wrote. Raises RecordError, which names the place."""
        return from_json(cls, form)


def _shelve(told: dict[str, dict[str, Any]], stored: Stored) -> None:
    """Put a document where `Account` looks for it."""
    shelf, content = told.setdefault(stored.kind, {}), stored.content
    if stored.kind == "account":  # its facts are asked for one by one
        shelf.update(content, id=stored.id)
    elif stored.kind == "list_entry":  # 5.x keeps each entry of a list by itself
        del told["list_entry"]
        owner = told.setdefault("list", {}).setdefault(str(content.get("list_id")), {})
        owner["entries"] = {**owner.get("entries", {}), stored.id: content}
    elif stored.kind == "list":
        shelf[stored.id] = {**shelf.get(stored.id, {}), **content}
    elif stored.kind == "media":
        shelf[stored.id] = _media_fact(stored)
    else:
        shelf[stored.id] = content


def _media_fact(stored: Stored) -> dict[str, Any]:
    content, spoken = stored.content, stored.content.get("tts")
    text = content.get("transcript") or (spoken.get("text") if isinstance(spoken, Mapping) else None)
    fact = {"text": text, "seconds": content.get("seconds"), "name": content.get("name")}
    told = {name: value for name, value in fact.items() if value is not None}
    try:
        _media(stored.id, told)
    except UsageError as error:
        raise FlowFileError(f"{stored.file}: {error}") from None
    return told


def _media(media_id: str, fact: Any) -> Media:
    if fact is None:  # in a cassette: the account has other media, not this
        return Media()
    if isinstance(fact, str):
        return Media(text=fact)
    if _is_length(fact):
        return Media(seconds=float(fact))
    if isinstance(fact, Mapping) and set(fact) <= {"text", "seconds", "name"}:
        text, seconds, name = fact.get("text", ""), fact.get("seconds"), fact.get("name", "")
        if isinstance(text, str) and isinstance(name, str) and (seconds is None or _is_length(seconds)):
            return Media(text=text, seconds=None if seconds is None else float(seconds), name=name)
    raise UsageError(f"media[{media_id!r}]={fact!r}: seconds, a transcript, or {{'text': …, 'seconds': …}} is wanted")


def _is_length(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _condition(key: str) -> tuple[str, str, str]:
    """``KIND:PATH=VALUE`` in its parts."""
    kind, _, condition = key.partition(":")
    path, _, value = condition.partition("=")
    return kind, path, value


def _has_number(flow: Any, number: str) -> bool:
    numbers = flow.get("numbers") if isinstance(flow, Mapping) else None
    return isinstance(numbers, (list, tuple)) and number in numbers


def _variable(variables: Mapping[str, Any], key: str) -> Any:
    scope, _, name = key.partition(":")
    if scope == "doc":
        doc_id, _, name = name.partition(":")
        return _at_path(variables.get("doc", {}).get(doc_id, {}), name)
    scopes = reversed(SCOPES) if scope == "merged" else (scope,)
    values = (_at_path(variables.get(each, {}), name) for each in scopes)
    return next((value for value in values if value is not None), None)


def _at_path(held: Any, name: str) -> Any:
    """The value of a name, or of a path of names, as they are written."""
    if not isinstance(held, Mapping):
        return None
    if name in held:
        return held[name]
    first, dot, rest = name.partition(".")
    return _at_path(held.get(first), rest) if dot else None
