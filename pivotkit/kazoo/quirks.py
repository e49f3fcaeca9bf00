"""The oddities of one Kazoo version that a call can meet, by the rows of the contract's section i.

A quirk is told as a warning with the id ``kazoo_quirk:NAME``; names stand in this table only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script


class Quirk(NamedTuple):
    """One oddity: its row of section i, and what it does, in a sentence."""

    row: int
    text: str


QUIRKS: Final[dict[str, Quirk]] = {
    "bad_answer_hangs_up": Quirk(1, "an unreadable answer hangs the call up instead of going to _"),
    "invalid_flow_silence": Quirk(
        1, "the reader dies while it reports the schema's errors: nobody ends the call and the caller hears nothing"
    ),
    "guessed_content_type": Quirk(2, "an unknown content type is no failure: TwiML is tried, then JSON"),
    "network_failure_waits": Quirk(3, "a network failure is only logged: _ comes when the action's own 10 s are over"),
    "later_failure_silence": Quirk(4, "after a failed follow-up request nobody ends the call"),
    "stale_digits": Quirk(8, "older digits hide the keys just gathered: Digits keeps the old value"),
    "childless_gather": Quirk(9, "a Gather without content asks its action without keys, or dies of the first key"),
    "one_variable_only": Quirk(10, "Set takes exactly one Variable, and Redirect none"),
    "raw_dial": Quirk(11, "after a Dial the caller is often hung up, and the statuses are raw"),
    "conference_action": Quirk(12, "the action of a Dial with a Conference is never asked"),
    "dial_options": Quirk(13, "strategy and hangupOn make a Dial fail, hangupOnStar does nothing"),
    "silent_end_with_cdr_url": Quirk(14, "with a cdr_url the call isn't hung up at the end of the TwiML"),
    "first_leg_cdr": Quirk(15, "the CDR is that of the leg that ended first"),
    "empty_response": Quirk(16, "a Response with no content at all ends in silence"),
    "cut_get_url": Quirk(
        21, "the URL of a GET is cut and joined anew: user:password@host, [IPv6] and odd ports come out different"
    ),
    "empty_segments": Quirk(25, "an empty object or list leaves an empty piece (&&) in a form or query"),
    "empty_digits": Quirk(26, "Digits is sent empty when no key is left to send"),
    "known_word_method": Quirk(29, "a method that Erlang knows as a word makes the verb fail"),
    "recording_url": Quirk(30, "any recordingUrl but an empty one makes Record fail after the recording"),
    "text_children": Quirk(32, "blanks, comments and CDATA among a Dial's children decide what is dialled"),
}


def tell_quirk(call: CallState, name: str, where: str) -> Script[None]:
    """Warn of a quirk that this call has just met, once a place; ``name`` is a key of `QUIRKS`."""
    yield from talk.warn(call, f"kazoo_quirk:{name}", where, QUIRKS[name].text)
