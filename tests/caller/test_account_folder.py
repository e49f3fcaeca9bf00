"""An account from a folder of Crossbar's documents: ids resolve, jumps work, prompts have words and lengths."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from flow_runs import node, play
from pivotkit.errors import FlowFileError
from pivotkit.records.http import HttpResult

EXAMPLE = Path(__file__).parents[2] / "examples" / "account"
MAIN = EXAMPLE / "callflows" / "main.json"


def write(folder: Path, documents: dict[str, Any]) -> Path:
    """Files by their path in a folder; a text is written as it stands."""
    for name, content in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def test_the_example_holds_every_kind_of_document() -> None:
    """Bare documents, envelopes and lists are read alike; sub-folders say the kind, and the account's its id."""
    account = pk.Account.load(EXAMPLE)

    assert account.account_id == "7b3f9d1c5a2e48f0b6d4c8a1e0f25937"
    assert set(account.users) == {"user-ann"}
    assert set(account.devices) == {"phone-ann", "phone-lobby"}
    assert set(account.menus) == {"menu-main"}
    assert set(account.media) == {"media-welcome", "media-closed", "media-hold"}
    assert set(account.callflows) == {"callflow-main", "callflow-sales"}
    assert set(account.voicemails) == {"5d0e7c1b9a3f46827e5c0b1d4a9f8e63"}
    assert set(account.lists) == {"list-vip"}
    assert set(account.other["temporal_rule"]) == {"rule-office"}


def test_a_recorded_prompt_is_heard_by_its_words() -> None:
    """A menu's greeting is found by id and by transcript, and lasts as long as the document says."""
    flow = pk.Callflow.load(MAIN)
    told = play(flow.root, press=["1"], account=pk.Account.load(EXAMPLE), parties={"user:user-ann": "answer:10"})

    (greeting, hold) = (heard for heard in told.trace.heard if heard.medium == "play")
    assert (greeting.prompt, greeting.seconds) == ("media-welcome", 4.5)
    assert greeting.words == "Welcome to Acme. Press 1 for sales, or 2 for support."
    assert hold.words == "Please hold the line."
    assert hold.seconds == pytest.approx(len(hold.words) / 15)
    assert told.warnings == []


def test_call_hears_the_words_and_the_id() -> None:
    """What `call.hears` searches holds both; a medium without a transcript is known by its name."""
    flow = pk.Callflow.load(MAIN)
    with pk.PivotExecutor(flow, account=pk.Account.load(EXAMPLE)) as pivot:
        call = pivot.call(expect=pk.Expect(heard="welcome to acme*"))

    assert call.expected
    assert call.heard[:2] == ("media-welcome", "Welcome to Acme. Press 1 for sales, or 2 for support.")
    assert call.hears("media-closed")
    assert call.hears("We are closed")
    assert pk.Call.from_dict(call.to_dict()).heard == call.heard


def test_a_cassette_holds_what_the_call_looked_up(tmp_path: Path) -> None:
    """It replays without the folder: the same words, the same finding, and no other document of the account."""
    root = node("play", {"id": "media-hold"}, default=node("play", {"id": "gone"}))
    with pk.PivotExecutor(pk.Callflow.from_dict(root), account=pk.Account.load(EXAMPLE)) as pivot:
        call = pivot.call(cassette=tmp_path / "call.yaml")

    again = pk.replay(tmp_path / "call.yaml")

    assert again.heard == call.heard == ("media-hold", "Please hold the line.", "gone")
    assert [warning.id for warning in again.warnings] == ["not_in_account"]
    assert "media-welcome" not in (tmp_path / "call.yaml").read_text()


def test_rules_are_armed_by_the_words() -> None:
    """A press rule speaks of what the caller hears, not of the id."""
    told = play(pk.Callflow.load(MAIN).root, press={"for sales": "1"}, account=pk.Account.load(EXAMPLE))

    assert told.branches[:2] == [("menu", "1"), ("callflow", None)]


def test_jumps_resolve_by_id_and_come_to_the_voicemail() -> None:
    """A callflow action runs another document's flow, which rings a user and falls to their box."""
    told = play(
        node("callflow", {"id": "callflow-sales"}),
        account=pk.Account.load(EXAMPLE),
        parties={"user:user-ann": "no-answer"},
        press=["rec:3#"],
    )

    assert [module for module, _ in told.branches] == ["callflow", "play", "user", "voicemail"]
    assert told.warnings == []


@pytest.mark.parametrize(
    ("module", "data"),
    [
        ("callflow", {"id": "nowhere"}),
        ("menu", {"id": "nowhere"}),
        ("play", {"id": "nowhere"}),
        ("user", {"id": "nowhere"}),
        ("device", {"id": "nowhere"}),
        ("voicemail", {"id": "nowhere"}),
        ("temporal_route", {"rules": ["nowhere"]}),
    ],
)
def test_an_id_that_is_not_in_the_account_is_a_finding(module: str, data: dict[str, Any]) -> None:
    """It is one only where the account tells of documents of that kind."""
    account = pk.Account.load(EXAMPLE, clock=datetime.fromisoformat("2026-11-26T09:30"))
    told, silent = (play(node(module, data), account=facts) for facts in (account, pk.Account()))

    assert "not_in_account" in told.warnings
    assert "not_in_account" not in silent.warnings


def test_a_greeting_that_is_not_in_the_account_is_a_finding(tmp_path: Path) -> None:
    """A menu's greeting is media of the account, like what play names."""
    documents = {"menus/m.json": {"media": {"greeting": "gone"}}, "media/other.json": {"name": "Other"}}
    told = play(node("menu", {"id": "m"}), account=pk.Account.load(write(tmp_path, documents)))

    assert [(warning.id, warning.where) for warning in told.trace.warnings] == [("not_in_account", "$ (media gone)")]


def test_twiml_passes_over_users_that_are_not_in_the_account() -> None:
    """A User noun is an id of the account, too."""
    twiml = HttpResult.answer("<Response><Dial><User>nowhere</User><User>user-ann</User></Dial></Response>", "text/xml")
    flow = pk.PivotAction(voice_url="http://ivr.example/").to_flow()
    told, silent = (play(flow, twiml, account=facts) for facts in (pk.Account.load(EXAMPLE), pk.Account()))

    assert [heard.prompt for heard in told.trace.heard if heard.medium == "talk"] == ["user:user-ann"]
    assert "not_in_account" in told.warnings
    assert "not_in_account" not in silent.warnings


def test_media_outside_the_account_are_not_looked_for() -> None:
    """A URL or a path is used as it stands."""
    told = play(node("play", {"id": "http://h/a.wav"}), account=pk.Account.load(EXAMPLE))

    assert told.warnings == []


def test_facts_that_no_document_tells_come_by_name() -> None:
    """They go before the documents."""
    account = pk.Account.load(EXAMPLE, language="fr-fr", owners=("user-ann",))

    assert (account.language, account.owners) == ("fr-fr", ("user-ann",))


def test_a_type_in_the_document_goes_before_the_folder(tmp_path: Path) -> None:
    """``pvt_type``, then ``type``; a document without an id is called as its file; deleted ones are gone."""
    documents = {
        "users/a.json": {"_id": "box", "pvt_type": "vmbox"},
        "b.json": {"type": "menu"},
        "users/gone.json": {"pvt_deleted": True},
        "x.json": {"id": "w", "pvt_type": "webhook"},
        "notes.txt": "not JSON",
    }
    account = pk.Account.load(write(tmp_path, documents))

    assert (set(account.voicemails), set(account.menus), set(account.users)) == ({"box"}, {"b"}, set())
    assert account.fact("webhook", "w") == {"id": "w", "pvt_type": "webhook"}


@pytest.mark.parametrize("order", [("a", "z"), ("z", "a")])
def test_entries_of_lists_may_be_documents_of_their_own(tmp_path: Path, order: tuple[str, str]) -> None:
    """5.x stores each entry by itself, with the id of its list; whichever file is read first."""
    entry = {"id": "e1", "pvt_type": "list_entry", "list_id": "vip", "number": "+1415"}
    documents = {f"{order[0]}.json": {"id": "vip", "pvt_type": "list"}, f"{order[1]}.json": entry}

    account = pk.Account.load(write(tmp_path, documents))

    assert account.lists["vip"]["entries"] == {"e1": entry}
    assert "list_entry" not in account.other


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ({}, "there is no .json file in it"),
        ({"users/a.json": '{"id": 1,\n\n "x" 2}'}, r"users.a\.json:3: not JSON: Expecting ':' delimiter \(column 6\)"),
        ({"users/a.json": "[\n 7]"}, r"a\.json:2: a document is a JSON object, not 7"),
        ({"users/a.json": '[\n {"id": "a"},\n {"x": 1}]'}, r"a\.json:3: this document of a list has no 'id'"),
        ({"data/a.json": {"id": "a"}}, r"a\.json:1: what kind of document is this\?.*users"),
        ({"users/a.json": {"id": "u"}, "users/b.json": {"id": "u"}}, r"b\.json: the user 'u' stands in .*a\.json, too"),
        ({"media/a.json": {"id": "m", "seconds": "4"}}, r"a\.json: media\['m'\].*seconds"),
        ({"users/a.json": "[" * 100_000}, r"a\.json: nested too deeply"),
    ],
)
def test_mistakes_are_told_with_file_and_line(tmp_path: Path, documents: dict[str, Any], message: str) -> None:
    """The first mistake ends the loading; nothing is guessed."""
    with pytest.raises(FlowFileError, match=message):
        pk.Account.load(write(tmp_path, documents))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The message says what an account is."""
    with pytest.raises(FlowFileError, match="there is no such folder"):
        pk.Account.load(tmp_path / "nowhere")
