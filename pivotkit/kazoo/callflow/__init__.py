"""The callflow modules: a table of name → handler, written out by hand."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo.callflow import groups, keys, legs, plain, prompts, variables, voicemail
from pivotkit.kazoo.moves import Handler
from pivotkit.kazoo.pivot import pivot

HANDLERS: Final[dict[str, Handler]] = {
    "answer": plain.answer,
    "branch_variable": variables.branch_variable,
    "callflow": plain.callflow,
    "collect_dtmf": keys.collect_dtmf,
    "conference": plain.conference,
    "device": legs.device,
    "group": groups.group,
    "hangup": plain.hangup,
    "menu": keys.menu,
    "page_group": groups.page_group,
    "pivot": pivot,
    "play": prompts.play,
    "record_call": plain.record_call,
    "response": plain.response,
    "ring_group": groups.ring_group,
    "route_to_cid": groups.route_to_cid,
    "set_variable": variables.set_variable,
    "set_variables": variables.set_variables,
    "sleep": plain.sleep,
    "tts": prompts.tts,
    "user": legs.user,
    "voicemail": voicemail.voicemail,
}
