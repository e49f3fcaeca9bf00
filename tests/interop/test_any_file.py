"""Files of others may hold anything: they are imported, or refused with a clear error, and never break pivotkit."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.errors import UsageError
from pivotkit.interop.har import to_har
from pivotkit.interop.importing import import_file

FOLDER = Path(__file__).parents[2] / "cassettes" / "example-ivr"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


@cache
def originals() -> tuple[str, ...]:
    """A HAR file of ours, the same as of another tool, and debug documents; as JSON."""
    cassette = Cassette.load(FOLDER / "twiml-message.yaml")
    ours, theirs = to_har([cassette]), to_har([cassette])
    del theirs["log"]["pages"]
    for entry in theirs["log"]["entries"]:
        del entry["_pivotkit"]
    return tuple(map(json.dumps, (ours, theirs, replay(cassette).debug_crossbar().call)))


def places(form: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    return [path, *(place for key, value in steps for place in places(value, (*path, key)))]


@pytest.mark.parametrize("which", range(3), ids=["our HAR", "another's HAR", "debug documents"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_anything_anywhere(which: int, data: st.DataObject, tmp_path: Path) -> None:
    """Any value in any place, or the place missing: a UsageError that begins with the file's name, if any."""
    form = {"whole": json.loads(originals()[which])}
    path = data.draw(st.sampled_from(places(form)[1:]))
    inside = form
    for step in path[:-1]:
        inside = inside[step]
    if data.draw(st.booleans()):
        inside[path[-1]] = data.draw(ANYTHING)
    elif len(path) > 1:
        del inside[path[-1]]
    file = tmp_path / "any.json"
    file.write_text(json.dumps(form["whole"]))
    says = refusal(file)

    assert says is None or says.startswith(str(file))


def refusal(file: Path) -> str | None:
    """Why it is refused; None: it isn't."""
    try:
        import_file(file)
    except UsageError as error:
        return str(error)
    return None
