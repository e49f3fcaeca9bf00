"""Whatever stands in a node or a document: a module never raises, and the call ends somehow."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pivotkit as pk
from flow_runs import node, play, say
from pivotkit.caller.presses import Situation
from pivotkit.kazoo import schemas
from pivotkit.kazoo.callflow import HANDLERS
from pivotkit.kazoo.state import Limits

MODULES = sorted(HANDLERS.keys() - {"pivot"})  # a pivot node checks itself: see its own tests
IDS = st.sampled_from(
    ["", "x", "ann", "101", "0", "check", "true", "login", "retrieve", "direct_park", "doc", "(", "*"]
)
LEAVES = st.none() | st.booleans() | st.integers(-3, 200_000) | st.floats() | IDS
NAMES = st.sampled_from(
    ["id", "endpoint_type", "type", "timeout", "endpoints", "media", "hotdesk", "pin", "number", "enabled", "flow", "x"]
)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
FIELDS = """endpoints call_forward enabled owner_id retries timeout hunt hunt_allow media record_pin interdigit_timeout
max_extension_length messages max_message_count pin require_pin hotdesk flow numbers owners name entries member
moderator caller_id rules route timezone announcement_only"""
DOCUMENTS = st.dictionaries(st.sampled_from(re.findall(r"\w+", FIELDS)), JSON, max_size=6)


def anything(asked: Situation) -> str:
    """A key where keys are wanted, a word where the caller is recorded."""
    return "1" if asked.asks == "keys" else "rec:2#"


def fields(module: str) -> list[str]:
    """The names of a module's data."""
    return sorted(schemas.schema(f"callflows.{module}", "5.x")["properties"])


@pytest.mark.parametrize("module", MODULES)
def test_a_module_takes_any_data(module: str) -> None:
    """In a flow that nobody checked: a default, a crash as Kazoo has it, but never an exception."""
    names = st.sampled_from([*fields(module), "unknown"])

    @settings(max_examples=25, deadline=None)
    @given(data=st.dictionaries(names, JSON, max_size=5), profile=st.sampled_from(["docs", "4.x", "5.x"]))
    def takes(data: dict[str, Any], profile: str) -> None:
        told = play(
            node(module, data, _=say("On.")),
            profile=profile,
            press=anything if len(data) % 2 else None,
            limits=Limits(max_steps=300),
            hangup="@900s",
            captured="101",
        )
        assert told.ended

    takes()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_takes_any_document(module: str) -> None:
    """Documents are as people stored them."""
    ids = {"id": "x", "user_id": "x", "group_id": "x", "device_id": "x", "faxbox_id": "x", "rule_set": "x"}
    data = {name: ids[name] for name in fields(module) if name in ids}

    @settings(max_examples=15, deadline=None)
    @given(document=DOCUMENTS, profile=st.sampled_from(["docs", "4.x", "5.x"]))
    def takes(document: dict[str, Any], profile: str) -> None:
        kinds = ("menus", "callflows", "users", "devices", "groups", "voicemails", "lists")
        account = pk.Account(**{kind: {"x": document} for kind in kinds}, owners=("x",))
        told = play(
            node(module, data, _=say("On.")),
            profile=profile,
            account=account,
            limits=Limits(max_steps=300),
            hangup="@900s",
            captured="101",
        )
        assert told.ended

    takes()
