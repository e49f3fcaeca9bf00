"""What is wrong with data that is no cassette: the JSON path, what stands there, its line, what to do.

Nothing here runs for a sound file: jsonschema, which costs more than reading, only explains.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from pivotkit.errors import CassetteError

PathPart = str | int
_CONFLICT: Final = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)


def explain(data: Any, text: str, reason: Exception, place: Sequence[PathPart]) -> CassetteError:
    """Why this data is no cassette; ``reason`` is what the cheap check stumbled over, ``place`` where."""
    path, message = _fault(data) or (place, str(reason))
    advice = "correct it, or delete the file and record again"
    return CassetteError(f"{_json_path(path)}: {message}; {advice}", line=_line(text, path))


def conflict_line(text: str) -> int | None:
    """The line of git's first conflict marker, if there is one."""
    match = _CONFLICT.search(text)
    return line_at(text, match.start()) if match else None


def line_at(text: str, position: int) -> int:
    """The line, from 1, in which this position lies."""
    return text.count("\n", 0, position) + 1


def _fault(data: Any) -> tuple[Sequence[PathPart], str] | None:
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(_jsonable(data)))
    if error is None:
        return None
    if error.validator in ("required", "additionalProperties"):
        return list(error.absolute_path), error.message
    expected = error.schema.get("description") if isinstance(error.schema, dict) else None
    return list(error.absolute_path), f"{_shown(error.instance)}, where {expected or 'something else'} belongs"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else text[:57] + "…"


@cache
def _validator() -> Any:
    from importlib.resources import files

    from jsonschema import Draft202012Validator

    schema = files("pivotkit.cassette").joinpath("cassette.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))


def _jsonable(value: Any) -> Any:
    """The same data with bytes as text, which is all that the schema has to know of them."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _json_path(path: Sequence[PathPart]) -> str:
    """The place as people write it.

    >>> _json_path(["interactions", 0, "response", "status", "code"])
    '$.interactions[0].response.status.code'
    """
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return f"${''.join(parts)}"


def _line(text: str, path: Sequence[PathPart]) -> int | None:
    """Where in the text the value at this path begins; JSON files too are YAML for this purpose."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    for part in path:
        node = _child(node, part)
    return None if node is None else node.start_mark.line + 1


def _child(node: Any, part: PathPart) -> Any:
    if node is None:
        return None
    if isinstance(part, int):
        return node.value[part]
    return next((value for key, value in reversed(node.value) if key.value == part), None)
