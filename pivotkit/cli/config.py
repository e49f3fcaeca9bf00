"""``[tool.pivotkit]`` of the pyproject.toml that belongs to the working directory."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from pivotkit.cli.parser import did_you_mean
from pivotkit.errors import UsageError

_FILE: Final = "pyproject.toml"
_KNOWN: Final = ("ignore",)


def check_ignore(folder: Path | None = None) -> tuple[str, ...]:
    """The rules of ``check.ignore``: what `pivotkit check` never compares in this project.

        [tool.pivotkit]
        check.ignore = ["/data/session", "//Say[2]"]

    Raises:
        UsageError: the file isn't TOML, or ``check`` holds something else.
    """
    path = _nearest(folder or Path.cwd())
    if path is None:
        return ()
    try:
        form = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}") from None
    return _checked(path, _table(path, form, "tool", "pivotkit", "check"))


def _nearest(folder: Path) -> Path | None:
    """The file in this folder, or in the first one above it that has one."""
    return next((file for place in (folder, *folder.parents) if (file := place / _FILE).is_file()), None)


def _table(path: Path, form: dict[str, Any], *names: str) -> dict[str, Any]:
    """The table of that name; an empty one, where there is none."""
    for depth, name in enumerate(names, 1):
        inner = form.get(name, {})
        if not isinstance(inner, dict):
            place = ".".join(names[:depth])
            raise UsageError(f'{path}: {place} is a table, as in: [tool.pivotkit] check.ignore = ["/data/session"]')
        form = inner
    return form


def _checked(path: Path, check: dict[str, Any]) -> tuple[str, ...]:
    unknown = next((key for key in check if key not in _KNOWN), None)
    if unknown is not None:
        raise UsageError(f"{path}: tool.pivotkit.check has no key {unknown!r}{did_you_mean(unknown, _KNOWN)}")
    rules = check.get("ignore", [])
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise UsageError(f"{path}: tool.pivotkit.check.ignore is a list of texts, not {rules!r}")
    return tuple(rules)
