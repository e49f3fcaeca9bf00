"""What all calls of an executor share."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from pivotkit.caller import Account
from pivotkit.kazoo.flow import Callflow
from pivotkit.kazoo.profiles import DOCS, Profile
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.webhook import Webhook
from pivotkit.records.digest import hex_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The simulation's side of an executor. Plain values, so that it goes to another process."""

    flow: Callflow
    target: str  # as a person would name it: the URL, or the flow's file
    profile: Profile = DOCS
    limits: Limits = field(default_factory=Limits)
    account: Account = field(default_factory=Account)
    seed: int | str | None = None
    webhook: Webhook | None = None  # the account's, told of each channel's end
    upload_recordings: bool = False  # are recordings really PUT?

    def urls(self) -> tuple[str, ...]:
        """Every URL that the user has named: their hosts may be asked."""
        return (*self.flow.urls(), *((self.webhook.url,) if self.webhook is not None else ()))


def call_id_for(seed: int | str | None, index: int) -> str:
    """A Call-ID: the same one for the same seed and index, else a fresh one.

    >>> call_id_for("demo", 3) == call_id_for("demo", 3) != call_id_for("demo", 4)
    True
    """
    if seed is None:
        return f"{os.urandom(12).hex()}@pivotkit"
    return f"{hex_digest(f'{seed}:{index}')[:24]}@pivotkit"
