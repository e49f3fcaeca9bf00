"""The facts of an account."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pivotkit.caller import Account
from pivotkit.caller.account import Media
from pivotkit.errors import RecordError, UsageError

FULL = Account(
    account_id="f" * 32,
    language="fr-fr",
    owners=("ann", "bob"),
    clock=datetime(2026, 11, 26, 9, 30, tzinfo=UTC),
    variables={
        "account": {"tier": "bronze", "Region-Code": 7, "open": False},
        "user": {"tier": "gold", "pvt": {"a.b": 1, "deep": {"er": 2}}},
        "device": {"Desk": "4"},
        "doc": {"d1": {"colour": "red"}},
    },
    media={"greeting": 4.5, "bye": "Goodbye.", "both": {"text": "Hello.", "seconds": 2}, "words": {"text": "Hi."}},
    menus={"main": {"retries": 1}},
    callflows={"cf1": {"numbers": ["2001", "2002"], "flow": {"module": "hangup"}}, "cf2": {"flow": {}}},
    users={"ann": {"name": "Ann"}},
    devices={"d9": {}},
    groups={"g": {}},
    voicemails={"box": {"pin": "1234"}},
    lists={"vip": ["+1415"]},
    other={"temporal_rule": {"noon": {"cycle": "daily"}}},
)


def test_defaults() -> None:
    """An account that tells nothing still has an id of 32 hexadecimal digits and Kazoo's language."""
    account = Account()

    assert account.account_id == "0123456789abcdef0123456789abcdef"
    assert account.language == "en-us"
    assert account.owners == ()
    assert account.to_dict() == {}


@pytest.mark.parametrize(
    ("kind", "key", "fact"),
    [
        ("menu", "main", {"retries": 1}),
        ("menu", "other", None),
        ("callflow", "cf1", FULL.callflows["cf1"]),
        ("number", "2002", FULL.callflows["cf1"]),
        ("number", "2003", None),
        ("user", "ann", {"name": "Ann"}),
        ("device", "d9", {}),
        ("group", "g", {}),
        ("voicemail", "box", {"pin": "1234"}),
        ("list", "vip", ["+1415"]),
        ("media", "greeting", 4.5),
        ("media", "nowhere", None),
        ("temporal_rule", "noon", {"cycle": "daily"}),
        ("temporal_rule", "night", None),
        ("never_heard_of", "x", None),
        ("variable", "account:tier", "bronze"),
        ("variable", "account:Region-Code", 7),  # as written: in documents Kazoo folds nothing
        ("variable", "account:open", False),
        ("variable", "user:pvt.deep.er", 2),
        ("variable", "user:pvt.a.b", 1),
        ("variable", "user:none", None),
        ("variable", "user:tier.x", None),
        ("variable", "merged:tier", "gold"),
        ("variable", "merged:desk", None),
        ("variable", "merged:region_code", None),
        ("variable", "doc:d1:colour", "red"),
        ("variable", "doc:d2:colour", None),
        ("variable", "nowhere:x", None),
    ],
)
def test_each_kind_of_fact(kind: str, key: str, fact: Any) -> None:
    """A fact is found under its kind and key; what is not told is None."""
    assert FULL.fact(kind, key) == fact


def test_the_clock_runs_with_the_call() -> None:
    """The clock is the account's time at the call's start; without one, no time is known."""
    assert FULL.fact("clock", at_s=90.0) == "2026-11-26T09:31:30+00:00"
    assert Account(clock=datetime.fromisoformat("2026-11-26T09:30")).fact("clock") == "2026-11-26T09:30:00"
    assert Account().fact("clock") is None


def test_media_facts() -> None:
    """A length, a transcript, or both."""
    assert FULL.media_facts("greeting") == Media(seconds=4.5)
    assert FULL.media_facts("bye") == Media(text="Goodbye.")
    assert FULL.media_facts("both") == Media(text="Hello.", seconds=2.0)
    assert FULL.media_facts("words") == Media(text="Hi.")
    assert FULL.media_facts("nowhere") == Media()


def test_json_round_trip() -> None:
    """Everything survives being written as JSON text."""
    assert Account.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL


def test_json_that_does_not_fit_names_the_place() -> None:
    """Unknown names and wrong kinds are errors with a path."""
    with pytest.raises(RecordError, match=r"^\$: Account has no field 'menu': did you mean 'menus'\?"):
        Account.from_dict({"menu": {}})
    with pytest.raises(RecordError, match=r"^\$\.owners: a list is wanted"):
        Account.from_dict({"owners": "ann"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"clock": "2026"}, "clock='2026': a datetime is wanted, as in datetime(2026, 11, 26, 9, 0)"),
        ({"menus": []}, "menus=[]: a dict by id is wanted"),
        ({"media": {"a": -1}}, "media['a']=-1: seconds, a transcript, or {'text': …, 'seconds': …} is wanted"),
        ({"media": {"a": True}}, "media['a']=True: seconds, a transcript, or {'text': …, 'seconds': …} is wanted"),
        (
            {"media": {"a": {"length": 1}}},
            "media['a']={'length': 1}: seconds, a transcript, or {'text': …, 'seconds': …} is wanted",
        ),
        (
            {"media": {"a": {"seconds": "1"}}},
            "media['a']={'seconds': '1'}: seconds, a transcript, or {'text': …, 'seconds': …} is wanted",
        ),
    ],
)
def test_what_no_account_knows(values: dict[str, Any], message: str) -> None:
    """Facts of the wrong shape are refused at once."""
    with pytest.raises(UsageError) as error:
        Account(**values)

    assert str(error.value) == message


def test_only_what_was_asked_for() -> None:
    """A cassette keeps the facts that a call looked up, so that it replays with nothing else at hand."""
    asked = [
        ("menu", "main"),
        ("menu", "nowhere"),
        ("number", "2001"),
        ("variable", "account:tier"),
        ("temporal_rule", "noon"),
        ("media", "bye"),
    ]
    kept = FULL.only(asked)

    assert kept.menus == {"main": {"retries": 1}}
    assert kept.callflows == {"cf1": FULL.callflows["cf1"]}
    assert list(kept.variables) == ["account"]
    assert kept.other == FULL.other
    assert kept.media == {"bye": "Goodbye."}
    assert kept.users == {}
    assert kept.clock is None
    assert (kept.account_id, kept.language, kept.owners) == (FULL.account_id, "fr-fr", ("ann", "bob"))
    for kind, key in asked:
        assert kept.fact(kind, key) == FULL.fact(kind, key)


def test_the_nearest_variable_needs_all_scopes_and_the_clock_needs_the_clock() -> None:
    """What decides a look-up is kept whole."""
    kept = FULL.only([("variable", "merged:tier"), ("clock", "")])

    assert set(kept.variables) == {"account", "user", "device"}
    assert kept.clock == FULL.clock


def test_a_missing_document_stays_missing_in_a_cassette() -> None:
    """Where it was asked whether the account tells of a kind, the one that isn't there is kept as None."""
    asked = [
        ("user", "ghost"),
        ("told", "user"),
        ("hotdesk", "7"),
        ("told", "hotdesk"),
        ("device", "d"),
        ("told", "device"),
    ]
    account = Account(users={"ann": {}}, other={"hotdesk": {"8": {}}})
    kept = account.only(asked)

    assert kept.users == {"ghost": None}
    assert kept.other == {"hotdesk": {"7": None}}
    assert kept.devices == {}
    for kind, key in asked:
        assert kept.fact(kind, key) == account.fact(kind, key)


def test_documents_by_what_is_in_them() -> None:
    """``where``: ids of the documents with that value, none of them, or None where no such document is told."""
    account = Account(
        users={"ann": {"hotdesk": {"id": "7"}}, "bob": {"hotdesk": {"id": "8"}}}, devices={"d1": {"owner_id": "ann"}}
    )

    assert account.fact("where", "user:hotdesk.id=7") == ["ann"]
    assert account.fact("where", "device:owner_id=bob") == []
    assert account.fact("where", "group:name=x") is None
    kept = account.only([("where", "user:hotdesk.id=7"), ("where", "device:owner_id=bob"), ("where", "group:name=x")])
    assert list(kept.users) == ["ann"]
    assert kept.fact("where", "device:owner_id=bob") == []
    assert kept.fact("where", "group:name=x") is None


def test_other_facts_stand_under_ids() -> None:
    """A fact without an id is refused, with how it is written."""
    with pytest.raises(UsageError) as error:
        Account(other={"nomorobo": 0.9})

    assert str(error.value) == "other['nomorobo']=0.9: a dict by id is wanted"
