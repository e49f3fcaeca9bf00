"""What stands under "Repeat this call" makes the same call again: every option that changes it is in it."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from command_line import Ran, Run
from pivotkit.cli.call import parser
from pivotkit.cli.repeat_command import command

ACCOUNT = Path(__file__).parents[2] / "examples" / "account"
CHANGING = (
    "--interface wsgi --method post --req-format twiml --body-format json --timeout-ms 700 --cdr-url http://h/cdr "
    "--press 1 --press - --party user:ann=busy --hangup @8s --from '+1 555' --to 3000 --caller-id-name 'Jane O''Hara' "
    "--call-id=-c1 --account-id a1 --account 'my docs' --var ticket=77 --var=-a=b --profile 4.x --seed 'a b' "
    "--webhook http://h/end --allow-host *.h --allow-host i --no-verify --proxy http://p"
)
BESIDE = (
    "--cassette f.yaml --record once --cassettes calls --stable --max-age 9d --secret PIN=4321 --redact To "
    "--fictional-numbers --expect ok=true --strict --json --quiet --debug"
)


def again(ran: Ran) -> str:
    """The command that was printed, as a shell reads it; empty if there is none."""
    told = ran.out.partition("Repeat this call\n")[2].partition("pivot.call")[0].replace("\\\n", " ")
    return next((line.strip() for line in told.splitlines() if line.strip().startswith("pivotkit call")), "")


@pytest.mark.parametrize("words", [CHANGING, "--verify", "--ca ca.pem", "--method GET", ""], ids=lambda it: it[:12])
def test_the_words_parse_to_the_same_options(words: str) -> None:
    """What a shell makes of the printed command is what was given."""
    given = parser().parse_args(["http://h/$(x)", *shlex.split(words)])
    said = command(parser(), given)

    assert said[:3] == ["pivotkit", "call", "http://h/$(x)"]
    assert parser().parse_args(said[2:]) == given


def test_no_option_is_forgotten() -> None:
    """Each option of ``pivotkit call`` either changes the call, and is in the command, or doesn't, and is not."""
    options = [action for action in parser()._actions if action.option_strings and action.dest != "help"]
    tried = set(re.findall(r"--[\w-]+", f"{CHANGING} {BESIDE} --verify --ca --debug-log"))

    assert {option.option_strings[-1] for option in options} == tried
    beside: argparse.Namespace = parser().parse_args(["http://h/", *shlex.split(BESIDE)])
    assert command(parser(), beside) == ["pivotkit", "call", "http://h/"]


def test_an_accounts_documents_are_in_it(pivotkit: Run) -> None:
    """Run as it is printed, the call ends the same way: the caller hears the account's own words."""
    flow = ACCOUNT / "callflows" / "main.json"
    first = pivotkit("call", flow, "--account", ACCOUNT, "--seed", "a b")
    said = shlex.split(again(first))

    assert said[said.index("--account") + 1] == str(ACCOUNT)
    repeated = pivotkit(*said[1:])
    assert "Welcome to Acme" in repeated.out
    assert again(repeated) == again(first)


@pytest.mark.parametrize(
    "words",
    [
        ("--secret", "PIN=100234", "--press", "1", "--press", "100234#"),
        ("--secret", "TOKEN=hunter22", "--var", "token=hunter22"),
        ("--redact", "ticket", "--var", "ticket=77"),
    ],
    ids=["keys", "a variable", "a name"],
)
def test_a_command_that_would_tell_a_secret_is_not_printed(pivotkit: Run, origin: str, words: tuple[str, ...]) -> None:
    """Nor one with placeholders in the place of keys, which nobody can press."""
    ran = pivotkit("call", f"{origin}/kazoo/welcome", *words)

    assert ran.status == 0
    assert again(ran) == ""
    assert "pivot.call(" in ran.out
    assert not re.search("100234|hunter22|=77", ran.out)


def test_the_demo_prints_no_call_to_a_server_that_is_gone(pivotkit: Run, tmp_path: Path) -> None:
    """But the replay, which works."""
    ran = pivotkit("demo", "--out", tmp_path / "demo")

    assert again(ran) == ""
    replay = ran.out.partition("Repeat this call\n")[2].split("pivot.call")[0].replace("\\\n", " ")
    assert pivotkit(*shlex.split(replay)[1:]).status == 0


def test_show_prints_no_call_whose_account_it_could_not_say(pivotkit: Run, tmp_path: Path) -> None:
    """A cassette holds the account's facts, but not the folder that they came from."""
    tape, plain = tmp_path / "menu.yaml", tmp_path / "plain.yaml"
    flow = ACCOUNT / "callflows" / "main.json"
    pivotkit("call", flow, "--account", ACCOUNT, "--cassette", tape)
    pivotkit("call", flow, "--cassette", plain)

    assert again(pivotkit("show", tape)) == ""
    assert again(pivotkit("show", plain)) == f"pivotkit call {flow}"
