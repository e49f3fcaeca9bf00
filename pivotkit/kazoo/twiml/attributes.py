"""Reading attributes as Kazoo does (contract, section e; Kazoo: kzt_twiml_util).

Names are case-sensitive; of two attributes of one name the first counts. Values that Kazoo refuses
raise `VerbError`.
"""

from __future__ import annotations

import math
import re
from typing import Final

from pivotkit.kazoo.twiml.document import Attributes
from pivotkit.kazoo.twiml.ends import VerbError

ALL_KEYS: Final = "123456789*0#"
"""All keys of a telephone, in Kazoo's order."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]+\.[0-9]+([eE][+-]?[0-9]+)?")
_HUGE: Final = 10**18  # a number of more digits is as good as this one
LONGEST_S: Final = 3600

_VOICES: Final[dict[str, str]] = {"man": "male", "male": "male", "woman": "female", "female": "female"}
_LANGUAGES: Final[dict[str, str]] = {"en": "en-US", "en-gb": "en-GB"} | {
    name: name for name in ("es", "fr", "de", "it")
}
_REASONS: Final[dict[str, tuple[str, str]]] = {"rejected": ("503", "no-answer"), "busy": ("486", "busy")}


def get(attributes: Attributes, name: str) -> str | None:
    """The value of an attribute; None if it isn't there."""
    return next((value for key, value in attributes if key == name), None)


def number(text: str | None) -> int | None:
    """A whole number, rounded half away from zero; None for what counts as absent.

    >>> [number(text) for text in ("7", "+5", "1.5", "-2.5", "1.5e3", "1e3", " 7", "0x10", "", None)]
    [7, 5, 2, -3, 1500, None, None, None, None, None]
    """
    if text is None:
        return None
    if _WHOLE.fullmatch(text):
        huge = len(text) > len(str(_HUGE))
        return (-_HUGE if text[0] == "-" else _HUGE) if huge else int(text)
    if not _DECIMAL.fullmatch(text) or math.isinf(value := float(text)):
        return None
    whole = math.trunc(value)
    return whole + int(math.copysign(1, value)) if abs(value - whole) >= 0.5 else whole


def flag(attributes: Attributes, name: str, *, default: bool) -> bool:
    """A flag: exactly ``true`` is true, any other text is false."""
    value = get(attributes, name)
    return default if value is None else value == "true"


def keys(text: str | None) -> str:
    """The keys of a text, other characters dropped; all keys if there is no text at all.

    >>> keys("1 2#a"), keys(None)
    ('12#', '123456789*0#')
    """
    return ALL_KEYS if text is None else "".join(char for char in text if char in ALL_KEYS)


def one_key(attributes: Attributes, name: str) -> str:
    """A single key; "" for anything else."""
    value = get(attributes, name) or ""
    return value if len(value) == 1 and value in ALL_KEYS else ""


def at_least_one(attributes: Attributes, name: str) -> int | None:
    """A number above zero; None if it is absent."""
    value = number(get(attributes, name))
    if value is not None and value <= 0:
        raise VerbError(f"{name}={get(attributes, name)!r}: Kazoo wants at least 1")
    return value


def loop_count(attributes: Attributes) -> int:
    """How often something is played; 0: until somebody hangs up; below 0 is up to the verb."""
    value = number(get(attributes, "loop"))
    return 1 if value is None else value


def pause_s(attributes: Attributes) -> int:
    """Seconds of a Pause."""
    return min(at_least_one(attributes, "length") or 1, LONGEST_S)


def timeout_s(attributes: Attributes, default: int = 30) -> int:
    """A timeout in seconds."""
    return min(at_least_one(attributes, "timeout") or default, LONGEST_S)


def num_digits(attributes: Attributes) -> int | None:
    """How many keys a Gather takes; None: no limit."""
    return at_least_one(attributes, "numDigits")


def finish_key(attributes: Attributes) -> str:
    """The one key that ends a Gather; "" for none."""
    value = get(attributes, "finishOnKey")
    if value is None:
        return "#"
    if len(value) > 1 or value not in ALL_KEYS:
        raise VerbError(
            f"finishOnKey={value!r}: a Gather takes one key of 0-9 * #, or nothing",
            "Twilio takes several keys here, Kazoo one" if keys(value) == value else "",
        )
    return value


def max_length_s(attributes: Attributes, longest_s: int) -> int:
    """Longest time of a Record in seconds."""
    value = number(get(attributes, "maxLength"))
    if value is None:
        return longest_s
    if not 1 <= value <= longest_s:
        raise VerbError(f"maxLength={get(attributes, 'maxLength')!r}: Kazoo takes 1 to {longest_s} s")
    return value


def voice(attributes: Attributes, default: str) -> str:
    """The voice of a text."""
    value = get(attributes, "voice")
    if value is None:
        return default
    if value not in _VOICES:
        raise VerbError(
            f"voice={value!r}: Kazoo has {', '.join(_VOICES)}",
            "voices as alice or Polly.Joanna work on Twilio only: leave voice out, or say man or woman",
        )
    return _VOICES[value]


def language(attributes: Attributes, default: str) -> str:
    """The language of a text, as it is handed on."""
    value = get(attributes, "language")
    if value is None:
        return default
    if value not in _LANGUAGES:
        near = value.lower().partition("-")[0]
        instead = value.lower() if value.lower() in _LANGUAGES else near if near in _LANGUAGES else ""
        raise VerbError(
            f"language={value!r}: Kazoo has exactly {', '.join(_LANGUAGES)}",
            f"write language={instead!r}" if instead else "leave language out for the system's own",
        )
    return _LANGUAGES[value]


def engine(attributes: Attributes, default: str) -> str:
    """The engine that speaks; Kazoo checks nothing."""
    value = get(attributes, "engine")
    return default if value is None else value


def reject_reason(attributes: Attributes) -> tuple[str, str, str]:
    """Reject's reason, its SIP code and the CallStatus that follows."""
    value = get(attributes, "reason")
    reason = "rejected" if value is None else value
    if reason not in _REASONS:
        raise VerbError(f"reason={reason!r}: Kazoo has {' and '.join(_REASONS)}")
    return reason, *_REASONS[reason]
