"""A call that failed can be made again by what its display prints."""

from __future__ import annotations

import shlex
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pivotkit.caller import Account, Caller
from pivotkit.cli.call import parser
from pivotkit.display.repeat import command, how, replay
from pivotkit.records.http import HttpRequest
from pivotkit.records.trace import CallRecord, Step
from sample_calls import answered, call, failed_call, menu_call, request, silent_call, voicemail_call

CALLERS = [
    Caller(),
    Caller(press=["1", None, "42#"]),
    Caller(press="2", to="3000", from_="+15550001"),
    Caller(press={"main menu": "1", "account": "42#"}),
    Caller(press=["rec:12 hangup"], parties={"user:ann": "busy"}, hangup="@8s", caller_id_name="Jane Roe"),
    Caller(custom_application_vars={"ticket": "77"}, tags={"plan": "gold"}, call_id="c1@h"),
    Caller(account=Account(account_id="a1"), recording="rec:3", patience_s=5.0),
    Caller(name="O'Hara", press=[]),
]


def made_by(caller: Caller, **fields: Any) -> CallRecord:
    """A call of that caller."""
    return call(caller=caller.to_dict(), **fields)


def joined(lines: list[str]) -> str:
    """Lines as a shell reads them."""
    return "\n".join(lines).replace("\\\n", "")


def test_no_line_parts_an_option_from_its_value() -> None:
    """What is long goes on in further lines, each of which begins with an option."""
    lines = how(made_by(Caller(press=["1", "100234#", "3"] * 6)), width=60)
    further = [line for line in lines if line.startswith("    --")]

    assert len(further) > 2
    assert all(len(line) <= 60 and len(line.rstrip("\\ ").split()) % 2 == 0 for line in further)


@pytest.mark.parametrize("caller", CALLERS)
def test_the_python_line_makes_the_same_caller(caller: Caller) -> None:
    """What is printed can be pasted: it gives the caller that made the call."""
    again: list[Caller] = []
    lines = how(made_by(caller))
    source = "\n".join(lines[next(i for i, line in enumerate(lines) if line.startswith("pivot.call")) :])
    eval(source, {"pk": SimpleNamespace(Caller=Caller, Account=Account), "pivot": SimpleNamespace(call=again.append)})

    assert again[0].to_dict() == caller.to_dict()


@pytest.mark.parametrize("caller", [caller for caller in CALLERS if caller.account is None])
def test_the_command_says_what_the_caller_does(caller: Caller) -> None:
    """Every option that is printed is one of ``pivotkit call``, and says what the caller said."""
    args = parser().parse_args(command(made_by(caller))[2:])

    assert (args.from_ or "+14155550100", args.to or "2000") == (caller.from_, caller.to)
    assert args.caller_id_name == caller.caller_id_name
    assert args.party == [f"{who}={what}" for who, what in caller.parties.items()]
    assert args.call_id == caller.call_id
    assert args.var == list(caller.custom_application_vars.items())
    form = caller.to_dict().get("press") or []
    assert args.press == ([f"{k}={v}" for k, v in form["rules"].items()] if isinstance(form, dict) else form)


def test_a_command_that_could_not_say_it_all_is_not_printed() -> None:
    """Facts of an account have no option: only Python repeats such a call."""
    record = made_by(CALLERS[6])

    assert command(record) == []
    assert how(record)[0].startswith("pivot.call(")


def test_placeholders_of_secrets_are_no_keys() -> None:
    """A command that presses them would be refused, so that only the cassette and Python repeat such a call."""
    record = made_by(Caller(press=["1", "xxxx#"]))

    assert command(record) == []
    assert how(replace(record, cassette="a.yaml"))[0] == "pivotkit replay a.yaml"


def test_whoever_made_the_call_knows_the_command() -> None:
    """It goes before what the record tells; no words are no command."""
    record = made_by(Caller())

    assert how(record, again=["pivotkit", "call", "a b", "--no-verify", "--account", "c"])[0] == (
        "pivotkit call 'a b' --no-verify --account c"
    )
    assert how(record, again=()) == ["pivot.call(pk.Caller())"]


def test_what_a_function_pressed_is_pressed_again() -> None:
    """A function can't be printed; what it really pressed can."""
    record = made_by(Caller(press=lambda asked: "1"), pressed=("1", "-", "42#"))

    assert command(record)[3:] == ["--press", "1", "--press", "-", "--press", "42#"]
    assert how(record)[-1] == "pivot.call(pk.Caller(press=['1', '-', '42#']))"


@pytest.mark.parametrize(
    ("record", "options"),
    [
        (voicemail_call(), ["--method", "post"]),
        (silent_call(), ["--method", "post", "--req-format", "twiml"]),
        (
            call(
                exchanges=(
                    answered(1, "", sent=HttpRequest(method="GET", url="http://h/", timeout_ms=700.0)),
                    answered(2, "", sent=request(url="http://h/cdr", kind="cdr", pivot=None)),
                )
            ),
            ["--timeout-ms", "700", "--cdr-url", "http://h/cdr"],
        ),
        (
            call(
                exchanges=(
                    answered(
                        1, "", sent=replace(request(), headers=(("Content-Type", "application/json"),), body=b"{}")
                    ),
                )
            ),
            ["--method", "post", "--body-format", "json"],
        ),
    ],
)
def test_the_command_says_how_the_server_was_asked(record: CallRecord, options: list[str]) -> None:
    """Method, format, body, timeout and CDR of the pivot action around a URL."""
    plain = replace(record, caller={}, profile="docs", steps=())

    assert command(plain)[3:] == options


def test_the_profile_is_part_of_it() -> None:
    """The same server, read by another Kazoo, is another call."""
    assert command(silent_call())[-2:] == ["--profile", "4.x"]


def test_a_flow_without_a_file_has_no_command() -> None:
    """A URL stands for one pivot action alone; what came behind it stood in a flow that the URL doesn't tell."""
    assert command(replace(voicemail_call(), steps=voicemail_call().steps[:1]))
    assert command(voicemail_call()) == []
    assert command(call(target="flow.json", steps=(Step(step=1, node="$", module="menu"),)))[2] == "flow.json"
    assert command(call(target="a callflow")) == []


def test_a_cassette_is_replayed() -> None:
    """Where a recording is, no server is needed."""
    recorded = menu_call(cassette="my calls/jane-0.yaml")

    assert replay(recorded) == ["pivotkit", "replay", "my calls/jane-0.yaml"]
    assert "pivotkit replay 'my calls/jane-0.yaml'" in how(recorded)
    assert replay(menu_call()) == []


@pytest.mark.parametrize("width", [40, 76, 200])
def test_long_commands_are_broken_where_a_shell_joins_them(width: int) -> None:
    """The words of the broken lines are those of the whole."""
    record = made_by(Caller(press=[f"{i}#" for i in range(30)], parties={"user:a b": "busy"}))
    lines = [
        line for line in how(record, width) if not line.lstrip().startswith(("pivot.call", "press=", "parties=", ")"))
    ]

    assert shlex.split(joined(lines)) == command(record)
    assert all(len(line) <= max(width, 45) for line in lines)


def test_hostile_words_are_quoted() -> None:
    """A target or key can't smuggle a second command into the reader's shell."""
    record = failed_call(
        "dns_failure", target="http://h/$(rm)`x`;'y'", caller={"press": ["1"], "name": "x; y"}, after="hangup"
    )

    assert shlex.split(joined(how(record)[:-1])) == ["pivotkit", "call", "http://h/$(rm)`x`;'y'", "--press", "1"]
