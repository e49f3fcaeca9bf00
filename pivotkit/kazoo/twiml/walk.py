"""Running a document: verb after verb, until one of them ends it."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.state import CallState, PivotState
from pivotkit.kazoo.twiml.dial import dial
from pivotkit.kazoo.twiml.document import Document, placed
from pivotkit.kazoo.twiml.ends import TwimlEnd
from pivotkit.kazoo.twiml.gather import gather
from pivotkit.kazoo.twiml.record import record
from pivotkit.kazoo.twiml.redirect_set import redirect, set_variables
from pivotkit.kazoo.twiml.reject_hangup import hangup, reject
from pivotkit.kazoo.twiml.running import run_verb, unknown
from pivotkit.kazoo.twiml.say_play import pause, play, say
from pivotkit.kazoo.twiml.stream import connect, start, stop
from pivotkit.kazoo.twiml.verb import Handler, Verb
from pivotkit.records.effects import Script

HANDLERS: Final[dict[str, Handler]] = {
    "Say": say,
    "Play": play,
    "Pause": pause,
    "Gather": gather,
    "Record": record,
    "Dial": dial,
    "Redirect": redirect,
    "Reject": reject,
    "Hangup": hangup,
    "Set": set_variables,
}
STREAM_HANDLERS: Final[dict[str, Handler]] = {"Start": start, "Connect": connect, "Stop": stop}
_ROOT: Final = "Response"


def run(document: Document, call: CallState, pivot: PivotState) -> Script[TwimlEnd]:
    """Run the verbs of a document in order. Kazoo: kzt_twiml:exec.

    Returns:
        How it ended. ``request``: the server is to be asked again, even if the caller has left
        meanwhile (`CallState.hung_up`) or Kazoo has dropped them (`CallState.leg_gone`).

    Raises:
        TooManySteps: the call went over its limit.
    """
    if document.contentless:
        return (yield from _nothing(call, pivot))
    pivot.early_keys = ""
    handlers = HANDLERS | STREAM_HANDLERS if call.profile.streams else HANDLERS
    for element, place in placed(document.root, _ROOT):
        verb = Verb(element=element, place=place, call=call, pivot=pivot)
        end = yield from run_verb(verb, handlers.get(element.name, unknown))
        if end is not None:
            return end
        if call.hung_up:
            return verb.stop("media_hangup", f"the caller hung up during {element.name}")
    return TwimlEnd(
        outcome="twiml_ended", result="ok", message="the verbs ran out", where=_ROOT, cause="NORMAL_CLEARING"
    )


def _nothing(call: CallState, pivot: PivotState) -> Script[TwimlEnd]:
    """``<Response/>``: Kazoo's reader crashes on it; one blank inside would save it (f-27)."""
    ends_in = call.profile.empty_response
    silence = ends_in == "silence" or (ends_in == "silence_first" and pivot.iteration == 1)
    if silence:
        yield from tell_quirk(call, "empty_response", _ROOT)
    return TwimlEnd(
        outcome="twiml_empty",
        result="crash" if silence else "ok",
        message="the document is <Response/>, with nothing in it",
        hint="write <Response><Hangup/></Response> to end the call",
        where=_ROOT,
        cause="" if silence else "NORMAL_CLEARING",
        silence=silence,
    )
