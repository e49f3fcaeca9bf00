"""The callflow modules: a table of name → handler, written out by hand."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo.callflow import (
    carriers,
    groups,
    handed_over,
    jumps,
    keys,
    legs,
    menus,
    plain,
    prompts,
    variables,
    voicemail,
)
from pivotkit.kazoo.moves import Handler
from pivotkit.kazoo.pivot import pivot

HANDLERS: Final[dict[str, Handler]] = {
    "after_bridge": plain.after_bridge,
    "answer": plain.answer,
    "branch_variable": variables.branch_variable,
    "callflow": jumps.callflow,
    "collect_dtmf": keys.collect_dtmf,
    "conference": handed_over.conference,
    "conference_feature": handed_over.conference_feature,
    "device": legs.device,
    "faxbox": handed_over.faxbox,
    "group": groups.group,
    "hangup": plain.hangup,
    "intercom": jumps.intercom,
    "menu": menus.menu,
    "offnet": carriers.offnet,
    "page_group": groups.page_group,
    "pivot": pivot,
    "play": prompts.play,
    "record_call": plain.record_call,
    "receive_fax": handed_over.receive_fax,
    "resources": carriers.resources,
    "response": plain.response,
    "ring_group": groups.ring_group,
    "route_to_cid": groups.route_to_cid,
    "set_variable": variables.set_variable,
    "set_variables": variables.set_variables,
    "sleep": plain.sleep,
    "transfer": handed_over.transfer,
    "tts": prompts.tts,
    "user": legs.user,
    "voicemail": voicemail.voicemail,
}
