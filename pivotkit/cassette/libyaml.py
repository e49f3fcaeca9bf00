"""YAML text of anybody's making → data, and what is wrong with it where it is none.

libyaml reads it where PyYAML was built with it, else PyYAML's own parser.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, NoReturn

from pivotkit.cassette.damage import conflict_line, line_at
from pivotkit.errors import CassetteError

_ALIAS: Final = re.compile(r"(?:^|[\s\[{,:-])\*[A-Za-z0-9_-]", re.MULTILINE)
_MOST_VALUES: Final = 1_000_000
_AGAIN: Final = "restore it, or delete it and record again"


def read_yaml(text: str) -> Any:
    """The data of a YAML text, timestamps left as the texts that they are.

    Raises: CassetteError with the line, for text that is no YAML, tags that stand for Python objects,
        aliases that blow up the data, and nesting that no cassette has.
    """
    import yaml

    try:
        data = _data(_loader()(text))
    except yaml.reader.ReaderError as error:
        what = f"the character U+{error.character:04X}" if isinstance(error.character, int) else "a character"
        raise CassetteError(f"{what} can't stand in YAML; {_AGAIN}", line=line_at(text, error.position)) from None
    except yaml.MarkedYAMLError as error:
        _raise_marked(text, error)
    except RecursionError:
        raise CassetteError(f"is nested too deeply for a cassette; {_AGAIN}") from None
    except (ValueError, TypeError, OverflowError) as error:  # a number or a key that Python refuses
        raise CassetteError(f"holds a value that can't be read ({error}); {_AGAIN}") from None
    if _ALIAS.search(text):
        _check_size(data)
    return data


def _data(loader: Any) -> Any:
    """What a loader reads, as `yaml.load` would have it do."""
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _raise_marked(text: str, error: Any) -> NoReturn:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else None
    conflict = conflict_line(text)
    problem = str(error.problem or error.context)
    if conflict is not None:
        raise CassetteError("git left a merge conflict here; resolve it, or record again", line=conflict) from None
    if "nesting depth" in problem:
        raise CassetteError(f"is nested too deeply for a cassette; {_AGAIN}", line=line) from None
    if "constructor for the tag" in problem:
        tag = problem.rpartition("tag ")[2].strip("'").replace("tag:yaml.org,2002:", "!!")
        raise CassetteError(
            f"the YAML tag {tag} stands for a Python object, which is never run; replace the value by plain text, "
            "or delete the file and record again",
            line=line,
        ) from None
    raise CassetteError(f"isn't YAML that can be read, or was cut off: {problem}; {_AGAIN}", line=line) from None


@cache
def _loader() -> Any:
    """A safe loader without the type that JSON doesn't have, and with the ones that stock vcrpy writes."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    loader: Any = type("CassetteLoader", (base,), {"yaml_implicit_resolvers": resolvers})
    for tag, constructor in _VCRPY_TAGS.items():
        loader.add_constructor(f"tag:yaml.org,2002:python/{tag}", constructor)
    return loader


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


def _items(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node, deep=True)


def _file_body(loader: Any, node: Any) -> Any:
    return loader.construct_mapping(node, deep=True)["state"][0]


def _iterator_body(loader: Any, node: Any) -> Any:
    parts = loader.construct_mapping(node, deep=True)["args"][0]
    return b"".join(part.encode() if isinstance(part, str) else part for part in parts)


_VCRPY_TAGS: Final = {
    "str": _text,
    "unicode": _text,
    "tuple": _items,
    "object/new:_io.BytesIO": _file_body,
    "object/apply:builtins.iter": _iterator_body,
}


def _check_size(data: Any) -> None:
    """Refuse aliases that stand for more than a cassette can hold, or for themselves."""
    if _size(data, {}) > _MOST_VALUES:
        raise CassetteError(f"its YAML aliases stand for more than a million values; {_AGAIN}")


def _size(value: Any, known: dict[int, int]) -> int:
    if not isinstance(value, dict | list):
        return 1
    size = known.get(id(value))
    if size is None:
        known[id(value)] = _MOST_VALUES + 1  # what contains itself has no end
        items = value.values() if isinstance(value, dict) else value
        size = known[id(value)] = 1 + sum(_size(item, known) for item in items)
    return size
