"""The callflow modules: where the handler of each stands, written out by hand.

A file is loaded when a call first comes to one of its modules: most calls need three or four.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from pivotkit.kazoo.callflow.quiet import QUIET, quiet
from pivotkit.kazoo.moves import Handler
from pivotkit.kazoo.pivot import pivot

_HOMES: Final = {
    "acdc_agent": "call_centre",
    "acdc_member": "call_centre",
    "acdc_queue": "call_centre",
    "acdc_wait_time": "call_centre",
    "after_bridge": "plain",
    "answer": "plain",
    "audio_macro": "audio",
    "branch_bnumber": "branching",
    "branch_variable": "variables",
    "call_forward": "forwarding",
    "call_pickup": "pickups",
    "call_waiting": "features",
    "callflow": "jumps",
    "camping_feature": "camping",
    "check_cid": "caller_match",
    "cidlistmatch": "caller_match",
    "collect_dtmf": "keys",
    "conference": "handed_over",
    "conference_feature": "handed_over",
    "dead_air": "waiting",
    "device": "legs",
    "directory": "dial_by_name",
    "disa": "disa",
    "do_not_disturb": "features",
    "doorman": "doormen",
    "dynamic_cid": "dynamic_cid",
    "eavesdrop": "pickups",
    "eavesdrop_feature": "pickups",
    "fax_detect": "waiting",
    "faxbox": "handed_over",
    "flush_dtmf": "call_settings",
    "function": "branching",
    "group": "groups",
    "group_pickup": "pickups",
    "group_pickup_feature": "pickups",
    "hangup": "plain",
    "hotdesk": "hotdesks",
    "intercept": "pickups",
    "intercept_feature": "pickups",
    "intercom": "jumps",
    "language": "call_settings",
    "lookupcidname": "caller_match",
    "manual_presence": "call_settings",
    "menu": "menus",
    "missed_call_alert": "alerts",
    "move": "pickups",
    "nomorobo": "branching",
    "noop": "call_settings",
    "notification": "alerts",
    "offnet": "carriers",
    "page_group": "groups",
    "park": "parking",
    "play": "prompts",
    "prepend_cid": "call_settings",
    "privacy": "call_settings",
    "receive_fax": "handed_over",
    "record_call": "plain",
    "record_caller": "audio",
    "resources": "carriers",
    "response": "plain",
    "ring_group": "groups",
    "ring_group_toggle": "features",
    "route_to_cid": "groups",
    "set_alert_info": "call_settings",
    "set_cid": "call_settings",
    "set_variable": "variables",
    "set_variables": "variables",
    "sleep": "plain",
    "temporal_route": "schedule",
    "tones": "audio",
    "transfer": "handed_over",
    "tts": "prompts",
    "user": "legs",
    "voicemail": "voicemail",
    "wait_for_hangup": "waiting",
}
"""Kazoo's name of a module → the file with the function of that name."""
MODULES: Final = frozenset({"pivot", *QUIET, *_HOMES})
"""The modules that have a handler."""


@cache
def handler(module: str) -> Handler:
    """What runs a module, one of `MODULES`."""
    if module == "pivot":
        return pivot
    if module in QUIET:
        return quiet
    found: Handler = getattr(import_module(f"{__name__}.{_HOMES[module]}"), module)
    return found
