"""The recording's side of an executor: its mode, its folder, and how the server is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pivotkit.cassette import CREDENTIALS_ONLY, Redactor
from pivotkit.errors import UsageError
from pivotkit.executor.setup import Setup
from pivotkit.records.http import MAX_RESPONSE_BYTES

if TYPE_CHECKING:
    from pivotkit.transport import App


OnMissing = Literal["raise", "outcome"]


class Mode(Enum):
    """Record modes, as vcrpy has them."""

    ALL = "all"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    NONE = "none"

    @classmethod
    def named(cls, name: str) -> Self:
        """The mode of that name.

        Raises:
            UsageError: there is none.
        """
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(mode.value for mode in cls)
            raise UsageError(f"unknown record mode {name!r}: choose one of {names}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an executor is told beside its `Setup`: what does not change what Kazoo would do."""

    mode: Mode = Mode.ALL
    folder: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    verify: bool | str | None = None
    proxy: str | None = None
    connections: str = "keep"
    max_response_bytes: int = MAX_RESPONSE_BYTES
    redactor: Redactor = CREDENTIALS_ONLY
    app: App | None = None  # an app in this process, asked in the network's place for its own origin
    stable: bool = False  # does an unchanged server leave the cassette as it was?
    max_age: timedelta | None = None  # older recordings are warned of


def verify_of(setup: Setup, settings: Settings) -> bool | str:
    """Are certificates checked? The profile says so where the user doesn't."""
    return setup.profile.verify_tls if settings.verify is None else settings.verify
