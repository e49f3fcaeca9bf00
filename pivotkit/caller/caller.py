"""Who is on the phone: numbers, names, and what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from pivotkit.caller import rows
from pivotkit.caller.account import Account
from pivotkit.caller.parties import parse_parties, pivot_available
from pivotkit.caller.press import Press, PressedBy, press_from_json, press_to_json
from pivotkit.caller.presses import function_name
from pivotkit.caller.script import Moment, Silence, Speech, parse_entry, parse_moment
from pivotkit.caller.speech import WorldSettings
from pivotkit.errors import ScriptError, UsageError
from pivotkit.kazoo.state import CallInfo

_TEXTS: Final = ("from_", "to", "name", "from_realm", "to_realm")
_TEXTS_OR_NONE: Final = ("caller_id_name", "caller_id_number", "call_id", "request", "request_realm", "captured")
_MAPPINGS: Final = ("tags", "parties", "custom_application_vars", "custom_sip_headers")
_NAME_IN_JSON: Final = {"from_": "from"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One simulated caller. ``name`` and ``tags`` are labels for tables; the rest is what Kazoo sees and hears.

    Raises UsageError (ScriptError for press, hangup, parties and recording), which names the field.

    >>> Caller(press=["1", None, "42#"], hangup="@90s", parties={"user:ann": "no-answer"}).name
    'default'
    """

    from_: str = "+14155550100"
    to: str = "2000"
    name: str = "default"
    tags: Mapping[str, Any] = field(default_factory=dict)
    press: Press = None  # a list of entries, a dict of rules, a function, or one entry (module `script`)
    hangup: str | float | None = None  # "@8s" of the call, "in Say"; a number is seconds
    recording: str | None = None  # a rec: entry for each recording that press doesn't tell of
    parties: Mapping[str, str] = field(default_factory=dict)  # "user:ID": "busy" (module `parties`)
    caller_id_name: str | None = None  # None: Kazoo says "unknown"
    caller_id_number: str | None = None  # None: as `from_`, which may be a phone's SIP name
    call_id: str | None = None  # None: the executor makes one
    from_realm: str = "sip.example.com"
    to_realm: str = "acme.example.com"
    request: str | None = None  # user of the SIP request; None: as `to`
    request_realm: str | None = None  # None: as `to_realm`
    captured: str | None = None  # what the callflow's number pattern caught of the dialled digits: "102" of "*97102"
    custom_application_vars: Mapping[str, Any] = field(default_factory=dict)
    custom_sip_headers: Mapping[str, Any] = field(default_factory=dict)
    account: Account | None = None  # None: an account that tells nothing
    patience_s: float | None = None  # of a caller who hears something endless; None: as the settings say

    def __post_init__(self) -> None:
        for name in (*_TEXTS, *_TEXTS_OR_NONE):
            value = getattr(self, name)
            if not isinstance(value, str) and not (value is None and name in _TEXTS_OR_NONE):
                raise UsageError(f"{name}={value!r}: text is wanted, as in {name}={str(value)!r}")
        for name in _MAPPINGS:
            if not isinstance(getattr(self, name), Mapping):
                raise UsageError(f"{name}={getattr(self, name)!r}: a dict is wanted")
        if self.account is not None and not isinstance(self.account, Account):
            raise UsageError(f"account={self.account!r}: an Account is wanted")
        if self.patience_s is not None:
            WorldSettings(patience_s=self.patience_s)  # the same rule
        press_to_json(self.press)
        parse_moment(self.hangup)
        parse_parties(self.parties)
        self.usual_recording()

    def moment(self) -> Moment | None:
        """When the caller hangs up by themselves, whatever `press` says."""
        return parse_moment(self.hangup)

    def usual_recording(self) -> Speech | None:
        """What the caller does at a recording that `press` doesn't tell of; None: the usual."""
        if self.recording is None:
            return None
        entry = parse_entry(self.recording)
        if isinstance(entry, Silence):
            return Speech(0.0)
        if not isinstance(entry, Speech):
            raise ScriptError(
                f"recording={self.recording!r} is no recording: write rec:12, rec:12#, rec:12 hangup or -"
            )
        return entry

    def with_press(self, press: Press) -> Caller:
        """The same caller with another script."""
        return replace(self, press=press)

    def as_pressed(self, pressed: Sequence[str]) -> Caller:
        """The caller as a cassette keeps them: in place of a function, its name and what it really pressed."""
        if callable(self.press):
            return self.with_press(PressedBy(function_name(self.press), tuple(pressed)))
        return self

    def to_info(self, call_id: str, account: Account | None = None, *, started_at: datetime | None = None) -> CallInfo:
        """Who calls whom, as Kazoo knows it. ``account`` goes before the caller's own."""
        facts = account or self.account or Account()
        return CallInfo(
            call_id=call_id,
            account_id=facts.account_id,
            from_user=self.from_,
            from_realm=self.from_realm,
            to_user=self.to,
            to_realm=self.to_realm,
            request_user=self.to if self.request is None else self.request,
            request_realm=self.to_realm if self.request_realm is None else self.request_realm,
            captured=self.captured,
            caller_id_name=self.caller_id_name,
            caller_id_number=self.from_ if self.caller_id_number is None else self.caller_id_number,
            language=facts.language,
            owners=facts.owners,
            custom_application_vars=self.custom_application_vars,
            custom_sip_headers=self.custom_sip_headers,
            pivot_available=pivot_available(self.parties),
            started_at=started_at,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON: from, to and name, and what isn't at its default.

        >>> Caller(press="1").to_dict()
        {'from': '+14155550100', 'to': '2000', 'name': 'default', 'press': ['1']}
        """
        form: dict[str, Any] = {}
        for each in _FIELDS:
            value = getattr(self, each.name)
            if each.name in ("from_", "to", "name") or (value is not None and value != {} and value != each.default):
                form[_NAME_IN_JSON.get(each.name, each.name)] = _TO_JSON.get(each.name, _as_it_is)(value)
        return form

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> Caller:
        """The caller that `to_dict` wrote. Raises UsageError for an unknown name or a value that doesn't fit,

        RecordError for an account that doesn't.
        """
        values = rows.by_field(form, [each.name for each in _FIELDS])
        if "press" in values:
            values["press"] = press_from_json(values["press"])
        if isinstance(values.get("account"), Mapping):
            values["account"] = Account.from_dict(values["account"])
        return cls(**values)

    @classmethod
    def from_row(cls, row: Mapping[Any, Any], place: str = "") -> Caller:
        """The caller of one row of a table or CSV file: columns are named like the fields, without the ``_``.

        ``press``: entries or ``text=entry`` rules, ``parties``: ``PARTY=WHAT``, both with ``;`` between
        them; ``custom_…`` and ``tags``: JSON objects. Any other column is a tag. Empty cells are the
        defaults; a number in a column of text is written out (a file's leading zeros are the reader's
        business: read such columns as text). Cells may hold Python lists and dicts, too.
        Raises UsageError, which names ``place`` ("row 3", "callers.csv:3") and column.

        >>> Caller.from_row({"from": "+14155550123", "press": "1; 42#", "region": "west"}).tags
        {'region': 'west'}
        """
        values = rows.cells(row, [each.name for each in fields(cls) if each.name != "account"], place)
        for column, value in values.items():
            with rows.at(place, column):  # one field by itself, so that an error can name its column
                cls(**{column: value})
        return cls(**values)


_FIELDS: Final = fields(Caller)  # dataclasses looks them up anew each time


def _as_it_is(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


_TO_JSON: Final[dict[str, Any]] = {
    "press": press_to_json,
    "hangup": lambda given: str(parse_moment(given)),
    "parties": lambda given: {name: str(does).strip() for name, does in given.items()},
    "account": Account.to_dict,
}
