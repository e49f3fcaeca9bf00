"""Was this heard? Texts, globs and patterns over what the caller hears.

    balance          found anywhere in a prompt
    Your balance*    a glob over the whole prompt: * any text, ? any character
    /bal(ance)?/i    a regular expression, found anywhere; flags a i m s x
    re.compile(…)    the same, from Python

Texts and globs are compared without case, a run of blanks counts as one. A text with ``?`` or
``*`` in it is also looked for as it stands, so that a question is found by its own words.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from pivotkit.errors import ScriptError

Pattern: TypeAlias = str | re.Pattern[str]

_WRITTEN: Final = re.compile(r"/(.*)/([aimsx]*)", re.DOTALL)
_FLAGS: Final = {"a": re.ASCII, "i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_WILD: Final = {"*": ".*", "?": "."}


def read_pattern(text: str) -> Pattern:
    """The compiled pattern that ``/…/flags`` stands for; any other text as it is.

    Raises ScriptError for an empty text, and for what `re` can't read.

    >>> read_pattern("main menu")
    'main menu'
    >>> read_pattern("/pin|code/i")
    re.compile('pin|code', re.IGNORECASE)
    """
    if not text.strip():
        raise ScriptError("an empty text is in every prompt: write a part of what the caller hears")
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return text
    flags = functools.reduce(lambda all_, letter: all_ | _FLAGS[letter], written[2], re.NOFLAG)
    try:
        return re.compile(written[1], flags)
    except re.error as error:
        raise ScriptError(f"the pattern {text} can't be read: {error}") from None


def write_pattern(pattern: Pattern) -> str:
    """The text that `read_pattern` reads back.

    >>> write_pattern(re.compile("pin|code", re.IGNORECASE))
    '/pin|code/i'
    """
    if isinstance(pattern, str):
        return pattern
    return f"/{pattern.pattern}/" + "".join(letter for letter, flag in _FLAGS.items() if pattern.flags & flag)


def checked_pattern(given: object) -> Pattern:
    """A pattern as a person gave it: a text in the grammar, or a compiled pattern."""
    if isinstance(given, str):
        return read_pattern(given)
    if isinstance(given, re.Pattern) and isinstance(given.pattern, str):
        return given
    raise ScriptError(f"{given!r} is no text and no pattern: write a part of what the caller hears, or re.compile(…)")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def contains(pattern: Pattern, prompt: str) -> bool:
    """Is the text, or the compiled pattern, found anywhere in the prompt?

    >>> contains("main menu", "Welcome to the  Main Menu.")
    True
    """
    if isinstance(pattern, str):
        return _plain(pattern) in _plain(prompt)
    return pattern.search(prompt) is not None


@functools.lru_cache(maxsize=256)
def _glob(text: str) -> re.Pattern[str]:
    return re.compile("".join(_WILD.get(char) or re.escape(char) for char in text), re.DOTALL)


def fits(text: str, value: str) -> bool:
    """Does the value equal the text, in which ``*`` and ``?`` stand for any text and character?

    >>> fits("+1415*", "+14155550100")
    True
    """
    return _glob(text).fullmatch(value) is not None


def matches_heard(pattern: Pattern, texts: Iterable[str]) -> bool:
    """Was this heard in one of the prompts? Text, glob or pattern, as the module tells.

    >>> matches_heard("balance", ["Your Balance is 5."]), matches_heard("balance*", ["Your balance is 5."])
    (True, False)
    >>> matches_heard("continue?", ["Do you want to continue? Press 1."])
    True
    """
    wanted = read_pattern(pattern) if isinstance(pattern, str) else pattern
    prompts = list(texts)
    if any(contains(wanted, prompt) for prompt in prompts):
        return True
    if not isinstance(wanted, str) or not any(sign in wanted for sign in _WILD):
        return False
    glob = _plain(wanted)
    return any(fits(glob, _plain(prompt)) for prompt in prompts)
