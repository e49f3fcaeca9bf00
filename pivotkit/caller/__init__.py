"""The simulated caller: who is on the phone, and what the world around the call answers. Pure."""

from pivotkit.caller.account import Account
from pivotkit.caller.caller import Caller
from pivotkit.caller.callers import as_callers
from pivotkit.caller.expect import UNSET, Expect, Facts, parse_expect_args
from pivotkit.caller.hearing import matches_heard
from pivotkit.caller.parties import parse_party_args
from pivotkit.caller.press import PressedBy
from pivotkit.caller.presses import Situation
from pivotkit.caller.script import parse_press_args
from pivotkit.caller.speech import WorldSettings
from pivotkit.caller.world import World

__all__ = [
    "UNSET",
    "Account",
    "Caller",
    "Expect",
    "Facts",
    "PressedBy",
    "Situation",
    "World",
    "WorldSettings",
    "as_callers",
    "matches_heard",
    "parse_expect_args",
    "parse_party_args",
    "parse_press_args",
]
