"""From options to target, caller and callers."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from pivotkit.cli import batch, build, call
from pivotkit.cli.options import RECORD_MODES
from pivotkit.errors import FlowFileError, PivotkitError, UsageError
from pivotkit.executor import Mode
from pivotkit.kazoo.flow import PivotAction


def options(*words: str) -> Namespace:
    """What `pivotkit call` makes of these words."""
    return call.parser().parse_args(list(words))


def test_a_url_is_a_pivot_action_with_the_options_given() -> None:
    """What isn't given stays at the action's own default."""
    plain = build.target(options("http://h/ivr"))
    full = build.target(
        options(
            "https://h/",
            "--method",
            "POST",
            "--req-format",
            "twiml",
            "--body-format",
            "json",
            "--timeout-ms",
            "700",
            "--cdr-url",
            "http://h/cdr",
        )
    )

    assert (plain.label, plain.flow.root) == ("http://h/ivr", PivotAction(voice_url="http://h/ivr").to_flow())
    assert (
        full.flow.root["data"]
        == PivotAction(
            voice_url="https://h/",
            method="POST",
            req_format="twiml",
            req_body_format="json",
            req_timeout_ms=700,
            cdr_url="http://h/cdr",
        ).to_dict()
    )


def test_a_file_is_a_flow_that_says_itself_how_it_asks(tmp_path: Path) -> None:
    """An option of the pivot action beside a file would be ignored, so it is refused."""
    file = tmp_path / "flow.json"
    file.write_text(json.dumps({"module": "pivot", "data": {"voice_url": "http://h/"}}))

    aim = build.target(options(str(file)))

    assert aim.label == aim.flow.file == str(file)
    assert aim.flow.urls() == ("http://h/",)
    with pytest.raises(UsageError, match="--timeout-ms is for a URL or an app"):
        build.target(options(str(file), "--timeout-ms", "700"))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("ftp://h/", "Kazoo asks http:// and https:// only"),
        ("localhost:8080/ivr", "did you mean http://localhost:8080/ivr?"),
        ("127.0.0.1", "did you mean http://127.0.0.1?"),
        ("ivr.example/start", "did you mean http://ivr.example/start?"),
        ("shop.views:app", "there is no module 'shop' in "),
        ("json:lodas", "json has no 'lodas': did you mean 'loads'?"),
        ("json:loads", "is called neither as WSGI nor as ASGI apps are"),
        ("json:__all__", "is no app: it can't be called"),
        ("missing.json", "neither a URL (http://…, https://…), a JSON file that exists, nor an app"),
        ("nothing", "neither a URL"),
        ("", "TARGET '' is empty"),
    ],
)
def test_what_is_no_target_says_what_would_be_one(target: str, message: str) -> None:
    """The text is quoted, with what was probably meant."""
    with pytest.raises(UsageError) as error:
        build.target(options(target))

    assert message in str(error.value)
    assert repr(target) in str(error.value)


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    """Not at which column a value was expected."""
    file = tmp_path / "flow.json"
    file.write_text("\n")

    with pytest.raises(FlowFileError, match="the file is empty"):
        build.target(options(str(file)))


def test_a_caller_has_what_the_options_say() -> None:
    """Names, script, parties and variables; the rest is a default caller."""
    made = build.caller(
        options(
            *("http://h/", "--from", "+33155550100", "--to", "3000", "--caller-id-name", "Claire"),
            *("--press", "1", "--press", "-", "--press", "42#", "--party", "user:ann=busy", "--hangup", "@8s"),
            *("--var", "ticket=77", "--var", "note=a=b", "--call-id", "c1"),
        )
    )

    assert made.to_dict() == {
        "from": "+33155550100",
        "to": "3000",
        "name": "default",
        "press": ["1", "-", "42#"],
        "hangup": "hangup@8s",
        "parties": {"user:ann": "busy"},
        "caller_id_name": "Claire",
        "call_id": "c1",
        "custom_application_vars": {"ticket": "77", "note": "a=b"},
    }
    assert build.caller(options("http://h/")).to_dict() == {"from": "+14155550100", "to": "2000", "name": "default"}


def test_a_csv_file_has_a_caller_a_row(tmp_path: Path) -> None:
    """Columns are named like a caller's fields; leading zeros stay, other columns are tags."""
    file = tmp_path / "callers.csv"
    file.write_text("\ufefffrom,press,parties,region\n0123,1; 42#,user:ann=busy,west\n+1555,,,\n", encoding="utf-8")

    first, second = build.callers_from_csv(str(file))

    assert (first.from_, first.press, first.parties, first.tags) == (
        "0123",
        ["1", "42#"],
        {"user:ann": "busy"},
        {"region": "west"},
    )
    assert (second.from_, second.press, dict(second.parties)) == ("+1555", None, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "callers.csv: the file is empty"),
        (b"from,from\n1,2\n", "callers.csv:1: two columns are called 'from'"),
        (b"from,press\n1,2,3\n", "callers.csv:2: more cells than the header has columns"),
        (b"from,press\n1,xx\n", "callers.csv:2, column 'press': 'xx' can't be pressed: x stands for a secret digit"),
        (b"from,press\n1,q\n", "callers.csv:2, column 'press': entry 1: 'q' is no script entry"),
        (b"from,press\n1,1\n2,rec:x\n", "callers.csv:3, column 'press'"),
        (b'from,press\n1,"1\n', "callers.csv:2: not CSV"),
        (b"from\n\xff\n", "callers.csv: not UTF-8 text (byte 5)"),
    ],
    ids=["empty", "double column", "long row", "letters", "bad entry", "bad entry later", "open quote", "latin-1"],
)
def test_a_bad_callers_file_is_named_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    """File, line, column, and what is wrong there."""
    file = tmp_path / "callers.csv"
    file.write_bytes(content)

    with pytest.raises(PivotkitError) as error:
        list(build.callers_from_csv(str(file)))

    assert message in str(error.value)


def test_a_missing_callers_file_is_an_error() -> None:
    """No traceback, the file's name."""
    with pytest.raises(FlowFileError, match=r"nowhere\.csv: can't read the callers' file: No such file"):
        list(build.callers_from_csv("nowhere.csv"))


def test_a_callers_file_and_a_caller_contradict_each_other(tmp_path: Path) -> None:
    """What the file's callers do stands in the file."""
    args = batch.parser().parse_args(["http://h/", "--callers", "callers.csv", "--press", "1"])

    with pytest.raises(UsageError, match="--press and --callers: the file says what its callers do"):
        batch.run(args)


def test_record_modes_are_those_of_the_executor() -> None:
    """The help lists them without loading the executor."""
    assert {mode.value for mode in Mode} == set(RECORD_MODES)
