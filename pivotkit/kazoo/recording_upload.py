"""A recording that Kazoo stores: a PUT beside the request that tells of it (contract, section e).

pivotkit records nobody's voice, so what it puts is a short silence, in a file that any player plays.
"""

from __future__ import annotations

import struct
from typing import Final

from pivotkit.kazoo.reports import report, warn_of
from pivotkit.kazoo.state import CallState, PivotState
from pivotkit.records.effects import Script

_FRAMES: Final = 10
# MPEG-2 layer III, 8 kbit/s, 16 kHz, mono: frames of 36 bytes, 36 ms each. No bits of sound: silence.
MP3: Final = (bytes.fromhex("fff318c4") + bytes(32)) * _FRAMES
_SAMPLES: Final = bytes([128]) * 320  # of 8 bits, 8000 a second
WAV: Final = (
    b"RIFF"
    + struct.pack("<I", 36 + len(_SAMPLES))
    + b"WAVEfmt "
    + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    + b"data"
    + struct.pack("<I", len(_SAMPLES))
    + _SAMPLES
)
_FILES: Final = {"mp3": ("audio/mpeg", MP3), "wav": ("audio/x-wav", WAV)}


def put_recording(call: CallState, pivot: PivotState, url: str) -> Script[None]:
    """PUT a recording to its URL, where the user has that turned on; "" where nothing is stored.

    One that isn't taken is a row and the warning ``recording_failed``; the next request tells of it all the same.
    """
    if not url or not call.upload_recordings:
        return
    content_type, file = _FILES.get(call.limits.recording_extension, _FILES["mp3"])
    problem = yield from report(
        call,
        kind="recording",
        method="PUT",
        url=url,
        body=file,
        content_type=content_type,
        timeout_s=call.limits.request_timeout_ms / 1000,
        pivot=pivot.number,
        iteration=pivot.iteration,
    )
    yield from warn_of(call, "recording_failed", f"pivot {pivot.number}", problem, "the recording is lost")
