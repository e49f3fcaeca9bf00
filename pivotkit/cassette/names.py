"""What cassette files are called."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pivotkit.records.digest import hex_digest

_UNSAFE: Final = re.compile(r"[^\w.+-]+")
_LONGEST: Final = 80
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")


def file_safe(name: str) -> str:
    """A name as part of a file name on any system: letters, digits and ``_ . + -`` stay.

    >>> file_safe("Jane Roe/+1 (415)"), file_safe("../../etc"), file_safe("")
    ('Jane-Roe-+1-415', 'etc', 'call')
    """
    safe = _UNSAFE.sub("-", name)[:_LONGEST].strip("-.")
    if _DEVICES.match(safe):
        safe = f"_{safe}"
    return safe or "call"


def cassette_name(caller_name: str, index: int) -> str:
    """The name, without suffix, of a call's cassette in a run: unique, for ``index`` is.

    >>> cassette_name("default", 17)
    'default-17'
    """
    return f"{file_safe(caller_name)}-{index}"


def single_call_name(caller_name: str, target: Any, script: Any) -> str:
    """The name, without suffix, of a single call's cassette: the same for the same call, on any day.

    ``target`` and ``script`` are JSON values; the order of their keys doesn't matter.

    >>> single_call_name("default", {"voice_url": "http://h/"}, ["1"])
    'default-b289c0d1bb'
    """
    text = json.dumps([caller_name, target, script], sort_keys=True, separators=(",", ":"))
    return f"{file_safe(caller_name)}-{hex_digest(text)[:10]}"
