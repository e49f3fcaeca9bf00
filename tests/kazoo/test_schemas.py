"""The schema files: real JSON Schemas, which say the same to a stock validator as to pivotkit's checks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from pivotkit.kazoo import schemas
from pivotkit.kazoo.faults import Check, Fault, Run
from pivotkit.kazoo.flow_errors import steps
from pivotkit.kazoo.profiles import KAZOO_5
from pivotkit.kazoo.schema_rules import compiled
from pivotkit.kazoo.validate import validate

FILES = sorted(Path(schemas.__file__).parent.rglob("*.json"))
SHARED = ("conferences", "conferences.profile", "custom_sip_headers", "tone")
KEYWORDS = {"not_one_schema_valid": "oneOf", "any_schemas_not_valid": "anyOf", "wrong_format": "format"}
# Every file once: those of one version in it, the others in 5.x.
PLACES = [(file.stem, file.parent.name if file.parent.name in schemas.VERSIONS else "5.x") for file in FILES]
Found = set[tuple[tuple[str | int, ...], str]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_file_is_a_draft_4_schema_under_its_own_id(file: Path) -> None:
    """A file is valid Draft 4, describes itself and each of its fields, and bears its id as name."""
    schema = json.loads(file.read_text(encoding="utf-8"))

    Draft4Validator.check_schema(schema)
    assert schema["id"] == file.stem
    assert schema["description"]
    assert all(rule["description"] for rule in schema.get("properties", {}).values())


def test_the_versions_know_these_modules() -> None:
    """85 modules and ``action``; four of them are in 5.x only, and ``docs`` reads actions as 5.x."""
    four, five, docs = (set(schemas.modules(version)) for version in ("4.x", "5.x", "docs"))

    assert len(five) == 86
    assert five - four == {"call_pickup", "detect_speech", "doorman", "tones"}
    assert four < five
    assert docs == five


@pytest.mark.parametrize(
    ("version", "required", "limit", "least"),
    [("docs", ["voice_url"], None, None), ("4.x", ["voice_url"], 5000, None), ("5.x", None, 5000, 7)],
)
def test_the_pivot_action_differs_by_version(version: str, required: Any, limit: Any, least: Any) -> None:
    """The page names no limits and no 5.x fields; 5.x wants exactly one of voice_url and serverless."""
    pivot = schemas.schema("callflows.pivot", version)
    fields = pivot["properties"]

    assert pivot.get("required") == required
    assert fields["req_timeout_ms"].get("maximum") == limit
    assert fields["voice_url"].get("minLength") == least
    assert fields["cdr_url"]["pattern"] == "^https?://"
    assert ("serverless" in fields) == (version == "5.x")
    assert ("custom_request_headers" in fields) == (version == "5.x")
    assert ("oneOf" in pivot) == (version == "5.x")


def test_a_name_from_a_server_never_leads_to_a_file() -> None:
    """Names are looked up in a list, so a module called like a path is just unknown."""
    with pytest.raises(KeyError):
        schemas.schema("callflows.../4.x/callflows.pivot", "5.x")


# --- against a stock validator -----------------------------------------------------------------


@cache
def registry(version: str) -> Registry[Any]:
    """All schemas of a version, for `jsonschema`."""
    names = [f"callflows.{name}" for name in schemas.modules(version)]
    names += [name for name in SHARED if name != "tone" or version != "4.x"]
    pairs = [(name, Resource.from_contents(schemas.schema(name, version), DRAFT4)) for name in names]
    return Registry().with_resources(pairs)


@cache
def check_of(name: str, version: str) -> Check:
    """The compiled check of a schema; a node inside is checked by its schema too."""

    def later(name: str) -> Check:
        return lambda value, path, run: check_of(name, version)(value, path, run)

    return compiled(schemas.schema(name, version), later)


def ours(name: str, version: str, value: Any) -> tuple[Any, Found]:
    """The value with defaults, and what pivotkit's check finds: places and standard keywords."""
    run = Run(lambda url: None)
    filled = check_of(name, version)(value, None, run)
    faults = [fault for fault in run.faults if isinstance(fault, Fault) and fault.kind != "any_of_if_clean"]
    return filled, {(tuple(steps(fault.path)), KEYWORDS.get(fault.kind, fault.kind)) for fault in faults}


EMAIL = re.compile(r"\A[^@]+@[^@]+\Z")


@cache
def stock_validator(name: str, version: str) -> Draft4Validator:
    """`jsonschema`'s validator of a schema. Of the formats Kazoo checks one: e-mail addresses."""
    formats = FormatChecker(formats=())
    formats.checks("email")(
        lambda text: not isinstance(text, str) or re.fullmatch("[^@]+@[^@]+", text, re.S) is not None
    )
    return Draft4Validator(schemas.schema(name, version), registry=registry(version), format_checker=formats)


def theirs(name: str, version: str, value: Any) -> Found:
    """What `jsonschema` finds. It names the object that lacks a field, Kazoo the field."""
    found: Found = set()
    for error in stock_validator(name, version).iter_errors(value):
        place = tuple(error.absolute_path)
        lacks = (
            [field for field in error.validator_value if field not in error.instance]
            if error.validator == "required"
            else []
        )
        found |= {((*place, field), "required") for field in lacks} or {(place, error.validator)}
    return found


def names_in(schema: Any) -> Iterator[str]:
    """Every field name and enumerated word of a schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        for inner in schema.values():
            yield from names_in(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from names_in(inner)


def values(words: list[str]) -> st.SearchStrategy[Any]:
    """JSON values that come near what a schema wants; no floats, whose equality the two see differently."""
    texts = st.sampled_from([*words, "", "a" * 32, "http://h.example/", "12", "en-US", "X-A"])
    leaves = st.none() | st.booleans() | st.integers(-1, 90_000_000) | texts
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
    )


@pytest.mark.parametrize(("name", "version"), PLACES, ids=[f"{version}-{name}" for name, version in PLACES])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_stock_validator_agrees(name: str, version: str, data: st.DataObject) -> None:
    """Whatever the data, jsonschema finds the same keywords at the same places, once defaults are in."""
    schema = schemas.schema(name, version)
    words = sorted({*names_in(schema)} - {""})
    fields = st.sampled_from([*schema.get("properties", {"x": {}}), "x"])
    value = data.draw(st.dictionaries(fields, values(words), max_size=5))

    filled, found = ours(name, version, value)

    assert found == theirs(name, version, filled)


KEYS = st.sampled_from(["", "_", "1", "\n", "children"])
NODES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.just({}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "module": st.just("noop"),
            "data": inner,
            "children": inner | st.dictionaries(KEYS, inner, max_size=3),
        },
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(flow=NODES)
def test_nodes_are_checked_as_their_schema_says(flow: Any) -> None:
    """The walk over the nodes is written by hand; the schema of a node says the same."""
    filled, found = ours("callflows.action", "5.x", flow)
    checked = validate(flow, profile=KAZOO_5)

    assert {(error.pointer, error.keyword) for error in checked.errors} == {
        ("".join(f"/{step}" for step in place), keyword) for place, keyword in found
    }
    assert checked.flow == (None if found else filled)
