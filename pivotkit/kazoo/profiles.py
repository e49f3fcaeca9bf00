"""Where the Pivot page, Kazoo 4.x and Kazoo 5.x part (contract, section i). Data, read by the core.

A field answers one question; its comment names the row of section i. Nothing else in the core asks
which version it plays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pivotkit.errors import UsageError

_ONLY_SHAPES: Final = frozenset({"action", "audio_macro.prompt", "audio_macro.say", "audio_macro.tone"})
_CALL_CENTRE: Final = frozenset({"acdc_agent", "acdc_member", "acdc_queue", "acdc_wait_time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one Kazoo behaves; the defaults are those of ``docs``."""

    name: str
    schemas: str = "5.x"  # version of the actions' rules
    pivot_schema: str = "docs"  # whose rules the pivot node itself follows (contract, section a)
    guesses_content_type: bool = False  # i-2: readers are tried; a missing type is XML
    serverless: bool = False  # i-7
    custom_headers: bool = False  # i-7
    stale_digits: bool = False  # i-8: a Record's terminator hides later digits
    childless_gather_quirks: bool = False  # i-9
    one_variable_only: bool = False  # i-10: Set takes exactly one Variable, Redirect none
    nameless_variables: bool = False  # e: a Variable without a key is set under the name undefined
    raw_dial: bool = False  # i-11: caller often hung up after Dial, raw statuses, no duration
    conference_action: bool = True  # i-12
    dial_options_crash: bool = False  # i-13; e: an empty Number in a ring group
    first_leg_cdr: bool = False  # i-15
    untimed_cdr: bool = False  # g: the CDR's POST has no timeout
    empty_response: str = "hangup"  # i-16: hangup, silence, silence_first
    nested_verbs_run: bool = False  # e: a Gather runs other verbs than Say, Play and Pause inside it
    streams: bool = False  # i-17
    verify_tls: bool = True  # i-20
    cuts_get_urls: bool = False  # i-21: the colon of user:password is lost in a GET URL …
    empty_segments: bool = False  # i-25: an empty object leaves an empty piece in a form
    raw_names: bool = False  # c: odd characters in parameter names go out as they are
    unhandled_status_waits: bool = False  # f-19: a status from 600 on reaches nobody; the action's 10 s end it
    empty_digits: bool = False  # i-26: Digits= after a Gather that got nothing
    known_words_crash: bool = False  # i-29: a verb's method that Erlang knows as a word
    recording_url_crash: bool = False  # i-30
    text_children_matter: bool = False  # i-32: blanks, comments and CDATA among Dial's children
    folds_content_type: bool = True  # i-2: types compared without case
    validator_dies: bool = False  # engine, section 7: of a module or URL that is no text, and of user@host
    hard_stop_hangs_up: bool = True  # engine, section 3
    remembers_missing_child: bool = True  # engine, section 3: a missing child's name may refuse the call
    cancel_stops: bool = True  # engine, section 8: ORIGINATOR_CANCEL stops, NORMAL_CLEARING never matches
    names_missing_endpoints: bool = True  # engine, section 10: child NO_ENDPOINTS
    ring_group_hangs_up: bool = True  # engine, section 10: after an answered attempt
    hunting_replaces: bool = True  # engine, section 10: a hunted callflow replaces the menu's
    inline_callflow: bool = True  # engine, section 10
    without_code: frozenset[str] = _ONLY_SHAPES | _CALL_CENTRE  # module_in: they validate and are walked past
    variable_paths: bool = True  # branch_variable: dotted names and lists lead into objects; scope doc
    tries_response: bool = True  # engine, section 8: the response first, by itself; UNSPECIFIED where there is none
    carrier_failure_ends: bool = True  # resources, offnet: hard_stop, in 4.x stop
    names_unreachable_users: bool = True  # user: a child named after what is in the way
    forwards_first: bool = True  # engine, section 10: forwarding on busy and no answer comes before the children
    stored_ring_groups: bool = True  # ring_group and group know group_id
    rings_empty_group: bool = False  # group: a group of nobody is bridged all the same, and fails
    flush_is_saved: bool = True  # flush_dtmf: 4.x clears a copy of the call, so the keys survive
    alerts_on_internal_calls: bool = True  # missed_call_alert: 5.x may alert for internal callers
    time_rules_end: bool = True  # temporal_route: end date and excluded days count
    only_pattern_counts: bool = True  # cidlistmatch: the patterns of a list count only if there is exactly one
    forward_menu_gives_up: bool = True  # call_forward: after menu_retries wrong keys
    unknown_forwarding_crashes: bool = True  # call_forward: an action that is missing or unknown
    directory_counts_all_tries: bool = True  # directory: 4.x starts to count again after most errors
    record_caller_answers: bool = False  # record_caller answers the call
    recording_needs_storage: bool = False  # record_caller: without storage or url nothing is recorded
    drops_short_recordings: bool = True  # record_caller: record_min_sec


DOCS: Final = Profile(name="docs")
KAZOO_4: Final = Profile(
    name="4.x",
    schemas="4.x",
    pivot_schema="4.x",
    guesses_content_type=True,
    stale_digits=True,
    childless_gather_quirks=True,
    one_variable_only=True,
    nameless_variables=True,
    raw_dial=True,
    conference_action=False,
    dial_options_crash=True,
    nested_verbs_run=True,
    first_leg_cdr=True,
    untimed_cdr=True,
    empty_response="silence",
    verify_tls=False,
    cuts_get_urls=True,
    empty_segments=True,
    raw_names=True,
    unhandled_status_waits=True,
    empty_digits=True,
    validator_dies=True,
    known_words_crash=True,
    recording_url_crash=True,
    text_children_matter=True,
    folds_content_type=False,
    remembers_missing_child=False,
    cancel_stops=False,
    names_missing_endpoints=False,
    ring_group_hangs_up=False,
    hunting_replaces=False,
    inline_callflow=False,
    without_code=_ONLY_SHAPES,
    variable_paths=False,
    tries_response=False,
    carrier_failure_ends=False,
    names_unreachable_users=False,
    forwards_first=False,
    stored_ring_groups=False,
    rings_empty_group=True,
    flush_is_saved=False,
    alerts_on_internal_calls=False,
    time_rules_end=False,
    only_pattern_counts=False,
    forward_menu_gives_up=False,
    unknown_forwarding_crashes=False,
    directory_counts_all_tries=False,
    record_caller_answers=True,
    recording_needs_storage=True,
    drops_short_recordings=False,
)
KAZOO_5: Final = Profile(
    name="5.x",
    pivot_schema="5.x",
    guesses_content_type=True,
    serverless=True,
    custom_headers=True,
    conference_action=False,
    empty_response="silence_first",
    streams=True,
    verify_tls=False,
    cuts_get_urls=True,
    empty_segments=True,
    raw_names=True,
    unhandled_status_waits=True,
    empty_digits=True,
    validator_dies=True,
    folds_content_type=False,
    hard_stop_hangs_up=False,
)
PROFILES: Final[dict[str, Profile]] = {p.name: p for p in (DOCS, KAZOO_4, KAZOO_5)}


def profile(name: str) -> Profile:
    """The profile of that name.

    >>> profile("4.x").stale_digits
    True
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise UsageError(f"unknown profile {name!r}: choose one of {', '.join(PROFILES)}") from None
