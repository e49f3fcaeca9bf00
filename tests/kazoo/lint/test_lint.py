"""`pivotkit.lint`: what may be given to it."""

from __future__ import annotations

from pathlib import Path

import pytest

import pivotkit as pk

WRONG = '{"module": "paly", "data": {}}'


@pytest.mark.parametrize(
    "source", [WRONG, WRONG.encode(), {"module": "paly", "data": {}}], ids=["text", "bytes", "dict"]
)
def test_a_text_bytes_or_a_dict(source: object) -> None:
    """All say the same; only a text has lines."""
    (finding,) = pk.lint(source)

    assert (finding.id, finding.where) == ("unknown_module", "/module")
    assert finding.line == (0 if isinstance(source, dict) else 1)


def test_a_file(tmp_path: Path) -> None:
    """Given as a path; one that can't be read is an error that names it."""
    file = tmp_path / "flow.json"
    file.write_text(WRONG)

    assert pk.lint(file) == pk.lint(WRONG)
    with pytest.raises(pk.UsageError, match=r"no\.json: can't read it: No such file"):
        pk.lint(tmp_path / "no.json")


def test_a_files_name_is_no_text() -> None:
    """The slip is told, with what to write."""
    with pytest.raises(pk.UsageError, match=r"given as Path\('flows/main\.json'\)"):
        pk.lint("flows/main.json")


def test_a_dict_that_is_no_json_is_told() -> None:
    """What Python knows and JSON doesn't."""
    with pytest.raises(pk.UsageError, match="can't be sent as JSON"):
        pk.lint({"module": "play", "data": {"id": {1, 2}}})


def test_an_unknown_profile_is_told() -> None:
    """Whatever the source."""
    for source in (WRONG, {"module": "play"}):
        with pytest.raises(pk.UsageError, match=r"unknown profile '6\.x'"):
            pk.lint(source, profile="6.x")


def test_the_content_type_may_be_given() -> None:
    """A document is then read as an answer of that type: a stored callflow is none."""
    stored = '{"numbers": ["200"], "flow": {"module": "hangup", "data": {}}}'

    assert pk.lint(stored) == ()
    assert [finding.id for finding in pk.lint(stored, content_type="application/json")] == ["required"]
    assert [finding.id for finding in pk.lint("<Response><Hangup/></Response>", content_type="application/json")] == [
        "invalid_json"
    ]


def test_a_finding_reads_as_a_line() -> None:
    """Place, severity, what is wrong, how to mend it, and its id."""
    (finding,) = pk.lint(WRONG)

    assert str(finding) == (
        "1:12: Kazoo refuses it: unknown module 'paly' at the top of the flow: did you mean 'play'?; write 'play' "
        "(unknown_module)"
    )
    assert str(pk.lint({"module": "paly"})[0]).startswith("/module: ")
