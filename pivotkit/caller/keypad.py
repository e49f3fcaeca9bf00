"""The caller's finger: keys that are on their way, each with the moment at which it is pressed."""

from __future__ import annotations

from collections import deque

from pivotkit.records.effects import stopping


class Keypad:
    """Keys yet to be pressed. A key whose moment passed (a request was out) is pressed at the next chance."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._waiting: deque[tuple[float, str]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def type(self, keys: str, at_s: float) -> None:
        """Press these keys, the first at that second of the call, each next one a gap later."""
        if self._waiting:
            at_s = max(at_s, self._waiting[-1][0] + self._gap_s)
        self._waiting.extend((at_s + place * self._gap_s, key) for place, key in enumerate(keys))

    def next_in(self, now_s: float) -> float | None:
        """Seconds until the next key; None if none is on its way."""
        return max(self._waiting[0][0] - now_s, 0.0) if self._waiting else None

    def press(self) -> str:
        """The next key, pressed."""
        return self._waiting.popleft()[1]

    def press_during(self, now_s: float, seconds: float, stops: str = "") -> tuple[str, float | None]:
        """The keys of the next seconds, up to the first that stops; and when that was, None if none did."""
        pressed = ""
        while (wait_s := self.next_in(now_s)) is not None and wait_s < seconds:
            key = self.press()
            pressed += key
            if stopping(key, stops):
                return pressed, wait_s
        return pressed, None

    @property
    def left(self) -> str:
        """Keys that nothing took so far."""
        return "".join(key for _, key in self._waiting)
