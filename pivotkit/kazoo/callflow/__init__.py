"""The callflow modules: a table of name → handler, written out by hand."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo.callflow import (
    carriers,
    doormen,
    groups,
    handed_over,
    hotdesks,
    jumps,
    keys,
    legs,
    menus,
    parking,
    pickups,
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
    "call_pickup": pickups.call_pickup,
    "callflow": jumps.callflow,
    "collect_dtmf": keys.collect_dtmf,
    "conference": handed_over.conference,
    "conference_feature": handed_over.conference_feature,
    "device": legs.device,
    "doorman": doormen.doorman,
    "eavesdrop": pickups.eavesdrop,
    "eavesdrop_feature": pickups.eavesdrop_feature,
    "faxbox": handed_over.faxbox,
    "group": groups.group,
    "group_pickup": pickups.group_pickup,
    "group_pickup_feature": pickups.group_pickup_feature,
    "hangup": plain.hangup,
    "hotdesk": hotdesks.hotdesk,
    "intercept": pickups.intercept,
    "intercept_feature": pickups.intercept_feature,
    "intercom": jumps.intercom,
    "menu": menus.menu,
    "move": pickups.move,
    "offnet": carriers.offnet,
    "page_group": groups.page_group,
    "park": parking.park,
    "pivot": pivot,
    "play": prompts.play,
    "receive_fax": handed_over.receive_fax,
    "record_call": plain.record_call,
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
