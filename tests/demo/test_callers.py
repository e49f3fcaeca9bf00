"""The demo's calls, as data."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from pivotkit.caller import Caller
from pivotkit.demo.accounts import ACCOUNTS
from pivotkit.demo.callers import DEMO_CALLS, DemoCall
from pivotkit.demo.server import ROUTES
from pivotkit.demo.texts import TEXTS
from pivotkit.kazoo.validate import validate


def test_there_are_a_few_dozen_of_all_kinds() -> None:
    """Names are unique: cassettes bear them."""
    names = [call.name for call in DEMO_CALLS]

    assert len(set(names)) == len(names) >= 36
    assert {call.group for call in DEMO_CALLS} == {"kazoo", "twiml", "broken"}
    assert {(call.method, call.body_format) for call in DEMO_CALLS} == {
        ("get", "form"),
        ("post", "form"),
        ("post", "json"),
    }


def test_every_broken_endpoint_is_called() -> None:
    """What is shown as broken is also tried."""
    called = {call.path for call in DEMO_CALLS}

    assert {path for path in ROUTES if path.startswith("/broken/") and not path.endswith("/login")} <= called


@pytest.mark.parametrize("call", DEMO_CALLS, ids=lambda call: call.name)
def test_each_call_starts_where_something_answers(call: DemoCall) -> None:
    """The flow around it is a pivot action with a mailbox for when it fails."""
    flow = json.loads(json.dumps(call.flow("http://127.0.0.1:8080")))
    url = urlsplit(flow["data"]["voice_url"])

    assert flow["module"] == "pivot"
    assert flow["children"]["_"]["children"]["_"]["module"] == "voicemail"
    assert url.path in ROUTES or url.port == 9
    assert validate(flow).errors == ()
    assert flow["data"]["req_format"] == ("twiml" if url.path.endswith((".xml", ".php")) else "kazoo")


@pytest.mark.parametrize("call", DEMO_CALLS, ids=lambda call: call.name)
def test_each_script_is_in_the_callers_grammar(call: DemoCall) -> None:
    """Entries and parties are what a caller takes."""
    made = Caller(name=call.name, from_=call.phone, press=list(call.press), parties=call.parties)

    assert made.to_dict().get("press", []) == list(call.press)


def test_a_dozen_customers() -> None:
    """Numbers and phones are unique, both languages and both desks occur."""
    assert len(ACCOUNTS) == len({a.number for a in ACCOUNTS}) == len({a.phone for a in ACCOUNTS}) == 12
    assert {a.language for a in ACCOUNTS} == {"en", "fr"}
    assert any(a.priority for a in ACCOUNTS)


def test_every_sentence_is_there_in_both_languages() -> None:
    """No caller is left without words."""
    assert all(set(words) == {"en", "fr"} for words in TEXTS.values())
