"""The commands import and export, and ``--junit`` of the others."""

from __future__ import annotations

import json
from pathlib import Path

from lxml import etree

from command_line import Run
from pivotkit.cassette import Cassette

EXAMPLES = Path(__file__).parents[2] / "cassettes" / "example-ivr"


def cases_in(file: Path) -> list[etree._Element]:
    return etree.parse(file).findall(".//testcase")


def test_export_then_import_gives_cassettes_that_replay(pivotkit: Run, tmp_path: Path) -> None:
    """A folder of cassettes through HAR, people scrubbed by default: every call replays as recorded."""
    har = tmp_path / "calls.har"

    assert pivotkit("export", EXAMPLES, "--har", har).status == 0
    assert pivotkit("import", har).status == 0
    assert pivotkit("replay", tmp_path / "calls").out.endswith("16 replayed, 16 as recorded\n")
    assert "Jane" not in (tmp_path / "calls" / "calls-4.yaml").read_text()


def test_import_says_how_far_a_call_replays(pivotkit: Run, tmp_path: Path) -> None:
    """What the file doesn't tell has to be completed by hand; the line says what."""
    har = tmp_path / "calls.har"
    pivotkit("export", EXAMPLES / "balance.yaml", "--har", har)
    form = json.loads(har.read_text())
    del form["log"]["pages"]
    form["log"]["entries"] = form["log"]["entries"][:1] + form["log"]["entries"][2:]
    har.write_text(json.dumps(form))
    shown = pivotkit("import", har, "--out", tmp_path / "out").out

    assert "out/calls-1.yaml: 3 requests" in shown
    assert "of 3 requests: the file doesn't tell all that the caller did" in shown
    form["log"]["entries"] = form["log"]["entries"][:1]
    har.write_text(json.dumps(form))
    assert "one/calls-1.yaml: 1 request;" in pivotkit("import", har, "--out", tmp_path / "one").out


def test_import_never_writes_over_a_file(pivotkit: Run, tmp_path: Path) -> None:
    """A second import of the same file is refused, and says what to do."""
    har = tmp_path / "calls.har"
    pivotkit("export", EXAMPLES / "crash.yaml", "--har", har)
    pivotkit("import", har)
    again = pivotkit("import", har)

    assert again.status == 2
    assert "calls-1.yaml exists already: name another folder with --out" in again.err


def test_wrong_files_are_wrong_usage(pivotkit: Run, tmp_path: Path) -> None:
    """Exit status 2, the file and the place; no traceback."""
    file = tmp_path / "a.json"
    file.write_text('{"data": [{"call_id": 1}]}')
    told = pivotkit("import", file)

    assert told.status == 2
    assert told.err == f"pivotkit: {file}: $.data[0].call_id: text is wanted, not 1\n"
    assert pivotkit("import", tmp_path / "missing.har").status == 2
    assert pivotkit("export", tmp_path / "missing.yaml", "--har", tmp_path / "o.har").status == 2


def test_export_without_a_format_is_wrong_usage(pivotkit: Run) -> None:
    """Nothing to write is a slip."""
    told = pivotkit("export", EXAMPLES)

    assert told.status == 2
    assert "name a file with --har, with --junit, or with both" in told.err


def test_a_saved_run_is_exported_too(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """A run on disk: a page and a testcase for each call."""
    pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "2", "--out", tmp_path / "run", "-q")
    pivotkit("export", tmp_path / "run", "--har", tmp_path / "run.har", "--junit", tmp_path / "run.xml")

    assert len(json.loads((tmp_path / "run.har").read_text())["log"]["pages"]) == 2
    assert len(cases_in(tmp_path / "run.xml")) == 2


def test_batch_writes_junit(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """A call that doesn't go as expected is a failed testcase."""
    report = tmp_path / "run.xml"
    batch = ("batch", f"{origin}/kazoo/welcome", "--calls", "2", "--junit", report)

    assert pivotkit(*batch, "--expect", "branch=_").status == 1
    assert [len(case.findall("failure")) for case in cases_in(report)] == [1, 1]
    assert pivotkit(*batch, "--strict").status == 0
    assert [len(case.findall("failure")) for case in cases_in(report)] == [0, 0]


def test_replay_writes_junit(pivotkit: Run, tmp_path: Path) -> None:
    """What differs from the recording fails, what can't be played is an error, the rest passes."""
    folder, report = tmp_path / "calls", tmp_path / "replay.xml"
    good = Cassette.load(EXAMPLES / "crash.yaml")
    good.save(folder / "good.yaml")
    (folder / "other.yaml").write_text(good.dumps().replace("http_server_error", "empty_body"))
    (folder / "torn.yaml").write_text(good.dumps()[:300])
    status = pivotkit("replay", folder, "--junit", report).status
    wrong = {
        Path(case.get("name")).stem: [each.tag for each in case if each.tag != "properties"]
        for case in cases_in(report)
    }

    assert status == 2
    assert wrong == {"good": ["system-out"], "other": ["failure", "system-out"], "torn": ["error"]}


def test_check_writes_junit(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """Each cassette is a testcase; a server that answers otherwise fails it."""
    cassette, report = tmp_path / "a.yaml", tmp_path / "check.xml"
    pivotkit("call", f"{origin}/kazoo/welcome", "--cassette", cassette)

    assert pivotkit("check", origin, cassette, "--junit", report).status == 0
    assert cases_in(report)[0].find("failure") is None
    assert pivotkit("check", f"{origin}/broken/crash", cassette, "--junit", report).status == 1
    assert cases_in(report)[0].find("failure") is not None
