"""Golden vectors about requests, and how their inputs become the core's values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pivotkit.kazoo.profiles import KAZOO_4, Profile
from pivotkit.kazoo.state import CallInfo, CallState, PivotState

VECTORS = Path(__file__).parent / "vectors"
Vector = dict[str, Any]


def vectors(name: str, wanted: Callable[[Vector], bool] = lambda vector: True) -> pytest.MarkDecorator:
    """Parametrise a test by the vectors of a file, under their own ids."""
    with (VECTORS / f"{name}.jsonl").open(encoding="utf-8") as lines:
        chosen = [vector for vector in map(json.loads, lines) if wanted(vector) and not of_one_node(vector)]
    assert chosen, f"no vector of {name} was chosen"
    return pytest.mark.parametrize("vector", chosen, ids=[vector["id"] for vector in chosen])


def of_one_node(vector: Vector) -> bool:
    """Whether its answer holds only where it was made: which words Erlang knows varies between nodes."""
    return any(part.get("depends_on_atom_table") for part in (vector, vector["input"], vector["expected"]))


def operation(*names: str) -> Callable[[Vector], bool]:
    """Chooses the vectors of these operations."""
    return lambda vector: vector["input"]["op"] in names


def call_info(call: Mapping[str, Any], owners: tuple[str, ...] = ()) -> CallInfo:
    """A vector's ``call`` as the core knows it."""

    def party(name: str) -> dict[str, Any]:
        part = name.lower()
        return {
            f"{part}_user": call.get(f"{name}-User"),
            f"{part}_realm": call.get(f"{name}-Realm"),
            f"{part}_address": call.get(name),
        }

    return CallInfo(
        call_id=call.get("Call-ID"),
        account_id=call.get("Account-ID"),
        caller_id_name=call.get("Caller-ID-Name"),
        caller_id_number=call.get("Caller-ID-Number"),
        language=call.get("Language"),
        custom_application_vars=call.get("Custom-Application-Vars", {}),
        custom_sip_headers=call.get("Custom-SIP-Headers", {}),
        owners=owners,
        **party("From"),
        **party("To"),
        **party("Request"),
    )


def states(given: Mapping[str, Any], profile: Profile = KAZOO_4) -> tuple[CallState, PivotState]:
    """A vector's call, ``kvs`` and user variables as the core's two states.

    A vector stores its user variables in one go, and Kazoo then sends the last one first.
    """
    call = given.get("call", {})
    kvs = {**call.get("Key-Value-Store", {}), **given.get("kvs", {})}
    collected = "dtmf_collections" in kvs
    collections = kvs.pop("dtmf_collections", {})
    user_vars = given.get("user_vars", kvs.pop("user_vars", {}))
    heard = {name[14:]: kvs.pop(name) for name in list(kvs) if name.startswith("transcription_")}
    state = CallState(
        info=call_info(call, tuple(given.get("owner_ids", ()))),
        profile=profile,
        collections=dict(collections),
        collected=collected,
    )
    pivot = PivotState(
        number=1,
        data=given.get("data", {}),
        voice_url=given.get("voice_uri", given.get("voice_url", given.get("data", {}).get("voice_url", ""))),
        user_vars=dict(reversed(user_vars.items())),
        transcription=heard,
        **kvs,
    )
    return state, pivot
