"""How a verb, or a whole document, comes to its end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TwimlEnd:
    """How the verbs of a document ended.

    ``outcome`` is an id of the outcome catalogue, or ``request``: the server is to be asked again,
    at the pivot state's new ``voice_url`` with its new ``method``.
    """

    outcome: str
    result: str  # Kazoo's word: ok (ran out), stop, request, error, crash
    message: str = ""  # for a web developer: what happened
    hint: str = ""  # and what to do about it
    where: str = ""  # "Response/Gather[1]/Say[1] (line 3)"
    cause: str = ""  # hang-up cause or SIP code, where the document decided it: "NORMAL_CLEARING", "USER_BUSY"
    silence: bool = False  # Kazoo's process dies: nobody ends the call
    upload_url: str = ""  # where Kazoo PUTs a recording that was just made


class VerbError(Exception):
    """Kazoo gives a verb up, and with it the document. ``str()`` says why. Never leaves this package."""

    outcome = "twiml_verb_error"

    def __init__(self, message: str, hint: str = "", *, silence: bool = False) -> None:
        super().__init__(message)
        self.message, self.hint, self.silence = message, hint, silence

    def end(self, where: str) -> TwimlEnd:
        """The end of the document that this makes."""
        return TwimlEnd(
            outcome=self.outcome,
            result="crash" if self.silence else "error",
            message=f"{where}: {self.message}",
            hint=self.hint,
            where=where,
            silence=self.silence,
        )


class UnknownElement(VerbError):
    """Kazoo has no such verb, or not in this shape: a Hangup with attributes, a Pause with content."""

    outcome = "unknown_verb"


class CallerLeft(VerbError):
    """The caller hung up while something played."""

    outcome = "media_hangup"
