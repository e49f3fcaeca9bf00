"""What Kazoo says about a flow: which rules count, in which order, and what is filled in."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivotkit.errors import UsageError
from pivotkit.kazoo import schemas
from pivotkit.kazoo.flow_errors import best_error
from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5, PROFILES, Profile
from pivotkit.kazoo.url_check import KAZOO_BLACKLIST, ipv4_number
from pivotkit.kazoo.validate import Validation, validate, validate_action
from request_vectors import Vector, vectors

URL = "https://example.com/ivr"
PLAY = {"module": "play", "data": {"id": "x"}}


def check_vector(vector: Vector) -> None:
    """Compare a validation with what Kazoo answered: errors, their order and words, flow and its key order."""
    flow, expected = vector["input"]["flow"], vector["expected"]
    before = copy.deepcopy(flow)
    found = validate(flow, profile=PROFILES[vector["profile"]], blacklist=KAZOO_BLACKLIST)

    assert flow == before
    assert found.valid == expected["valid"]
    assert (found.crash is not None) == ("crash" in expected)
    if not found.crash:
        errors = [(error.path, error.keyword, error.message) for error in found.errors]
        assert errors == [(error["path"], error["keyword"], error["message"]) for error in expected["errors"]]
    if found.valid:
        assert json.dumps(found.flow) == json.dumps(expected["flow"])


@vectors("callflow_schema")
def test_kazoo_4_says_this(vector: Vector) -> None:
    """Kazoo's validator over the 4.x schemas."""
    check_vector(vector)


@vectors("callflow_schema_5x")
def test_kazoo_5_says_this(vector: Vector) -> None:
    """Kazoo's validator over the 5.x schemas."""
    check_vector(vector)


def paths(found: Validation) -> list[tuple[str, str]]:
    """The errors' paths and keywords, in order."""
    return [(error.path, error.keyword) for error in found.errors]


def data_errors(module: str, data: Any, profile: Profile = KAZOO_5) -> list[tuple[str, str]]:
    """What is wrong with a module's data."""
    return paths(validate({"module": module, "data": data}, profile=profile))


def filled(module: str, data: dict[str, Any], profile: Profile = KAZOO_5) -> Any:
    """A module's data with defaults."""
    found = validate({"module": module, "data": data}, profile=profile)
    assert found.flow is not None, found.summary
    return found.flow["data"]


# --- nodes -------------------------------------------------------------------------------------


def test_children_come_first_then_data_then_module() -> None:
    """Rules run in the byte order of their names, so a child's errors stand in front of its parent's."""
    found = validate({"module": "x" * 65, "data": 5, "children": {"b": {"module": "tts"}, "a": {}}}, profile=KAZOO_4)

    assert paths(found) == [
        ("children.b.data.text", "required"),
        ("children.a.module", "required"),
        ("data", "type"),
        ("schema", "schema"),
        ("module", "maxLength"),
        ("module", "error"),
    ]


def test_a_child_under_the_empty_key_is_no_node() -> None:
    """Keys without any character but line feeds are neither checked nor filled in."""
    children = {"": {"module": "nope"}, "\n\n": 5, "\r": {"module": "sleep"}}
    flow = validate({"module": "answer", "data": {}, "children": children}).flow

    assert flow is not None
    assert flow["children"][""] == {"module": "nope"}
    assert flow["children"]["\n\n"] == 5
    assert flow["children"]["\r"]["data"] == {"duration": 0, "unit": "s"}


def test_the_module_action_is_a_node_in_its_data() -> None:
    """``action`` validates and never runs; its data is checked, and filled in, like any node."""
    assert filled("action", {"module": "sleep"}) == {"module": "sleep", "data": {"duration": 0, "unit": "s"}}
    assert data_errors("action", {"module": "tts"}) == [("data.data.text", "required")]
    assert data_errors("action", "x") == [("data", "type"), ("data", "type")]


def test_an_inline_flow_is_checked_in_5_and_ignored_in_4() -> None:
    """5.x: ``callflow.flow`` is a node. 4.x does not know the field."""
    inline = {"flow": {"module": "tts", "children": {"_": {"module": "nope"}}}}

    assert data_errors("callflow", inline) == [
        ("schema", "schema"),
        ("data.flow.children._.module", "error"),
        ("data.flow.data.text", "required"),
    ]
    assert data_errors("callflow", inline, KAZOO_4) == []


@pytest.mark.parametrize("place", ["children", "data"])
def test_nesting_needs_no_deep_stack(place: str) -> None:
    """Thousands of nodes inside each other are checked; the caller decides how deep is too deep."""
    flow: dict[str, Any] = {"module": "sleep"}
    for _ in range(20_000):
        inner = {"data": {"flow": flow}} if place == "data" else {"data": {"id": "x"}, "children": {"_": flow}}
        flow = {"module": "callflow", **inner}
    found = validate(flow, profile=KAZOO_5)
    last: Any = found.flow
    while last["module"] == "callflow":
        last = last["data"]["flow"] if place == "data" else last["children"]["_"]

    assert last == {"module": "sleep", "data": {"duration": 0, "unit": "s"}}


def test_a_dot_in_a_key_is_escaped_in_the_path() -> None:
    """Kazoo writes %2E for it; the pointer has the key as it is."""
    (error,) = validate({"module": "answer", "data": {}, "children": {"a.b/c~": 5}}).errors

    assert (error.path, error.pointer) == ("children.a%2Eb/c~", "/children/a.b~1c~0")


def test_only_so_many_errors_are_listed() -> None:
    """A body of megabytes can hold millions of errors; a thousand are enough."""
    found = validate({"module": "play", "data": {"terminators": [1] * 5000}})

    assert len(found.errors) == 1000
    assert (
        len(validate({"module": "play", "data": {}, "children": dict.fromkeys(map(str, range(5000)))}).errors) == 1000
    )


# --- rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "data", "errors"),
    [
        ("sleep", {"duration": 20.0}, [("data.duration", "type")]),
        ("sleep", {"duration": True}, [("data.duration", "type")]),
        ("sleep", {"duration": -0.5}, [("data.duration", "minimum"), ("data.duration", "type")]),
        ("sleep", {"duration": None}, [("data.duration", "type")]),
        ("sleep", {"unit": {}}, [("data.unit", "enum"), ("data.unit", "type")]),
        ("collect_dtmf", {"terminators": ["1", "2", "1"]}, [("data.terminators", "uniqueItems")]),
        ("voicemail", {"id": "é" * 15}, [("data.id", "minLength")]),
        ("voicemail", {"id": "é" * 20}, [("data.id", "maxLength")]),
        ("voicemail", {"id": "é" * 32}, []),
        ("language", {"language": "en\n"}, []),
        ("language", {"language": "en\n\n"}, [("data.language", "pattern")]),
        ("conference", {"config": "x"}, [("data.config", "type"), ("data.config", "type")]),
        ("conference", {"config": {"name": "n", "profile": {"rate": 8000.0}}}, [
            ("data.config.profile.rate", "enum"),
            ("data.config.profile.rate", "type"),
        ]),
        ("audio_macro", {}, [("data.macros", "minItems")]),
        ("audio_macro", {"macros": [{"macro": "tts"}, {"macro": "x"}, 5]}, [
            ("data.macros.0", "not_one_schema_valid"),
            ("data.macros.1", "not_one_schema_valid"),
            ("data.macros.1.macro", "enum"),
            ("data.macros.2", "not_one_schema_valid"),
            ("data.macros.2", "type"),
        ]),
        ("notification", {"recipients": [{"type": "user", "id": "abc"}]}, [
            ("data.recipients.0.id", "not_one_schema_valid")
        ]),
        ("notification", {"recipients": [{"type": "user", "id": ["a@b"]}]}, []),
        ("callflow", {"id": "x", "doc_id": "y"}, []),
        ("callflow", {"id": "x", "doc_id": "y", "path": "z"}, [("data", "not_one_schema_valid")]),
        ("tones", {"tones": [{}]}, [
            ("data.tones.0.frequencies", "required"),
            ("data.tones.0.duration_off", "required"),
            ("data.tones.0.duration_on", "required"),
        ]),
    ],
)  # fmt: skip
def test_rules_that_surprise(module: str, data: Any, errors: list[tuple[str, str]]) -> None:
    """Nothing is coerced, null is a value, lengths are blamed by bytes, and two rules may count at once."""
    assert data_errors(module, data) == errors


def test_a_length_without_an_upper_bound_is_blamed_on_one() -> None:
    """Seven bytes but four characters: Kazoo blames the maxLength that isn't there."""
    errors = validate_action({"voice_url": "http://"[:4] + "éé"}, profile=KAZOO_5).errors

    assert errors[0].message == "String must not be more than undefined characters"


def test_headers_are_only_right_if_nothing_was_wrong_before() -> None:
    """Kazoo's anyOf asks for an empty list of errors, so a right header map fails behind any other error."""
    headers = {"custom_sip_headers": {"X-A": "b"}}

    assert data_errors("offnet", headers) == []
    assert data_errors("offnet", headers | {"bypass_e164": 1}) == [
        ("data.bypass_e164", "type"),
        ("data.custom_sip_headers", "any_schemas_not_valid"),
    ]
    assert data_errors("offnet", headers | {"timeout": "x"}) == [("data.timeout", "type")]
    sibling = {"module": "offnet", "data": headers}
    flow = {"module": "answer", "data": {}, "children": {"1": {}, "2": sibling}}
    assert paths(validate(flow)) == [
        ("children.1.module", "required"),
        ("children.2.data.custom_sip_headers", "any_schemas_not_valid"),
    ]


@pytest.mark.parametrize(
    ("module", "data", "expected"),
    [
        ("collect_dtmf", {"max_digits": 4}, {"max_digits": 4, "terminator": "#", "timeout": 5000}),
        ("device", {"id": "d"}, {"id": "d", "delay": 0, "dial_strategy": "simultaneous", "timeout": 0}),
        ("send_dtmf", {"digits": "1"}, {"digits": "1"}),
        ("conference", {"welcome_prompt": {}}, {"welcome_prompt": {"play": True}}),
        (
            "page_group",
            {"endpoints": [{"id": "a", "endpoint_type": "user"}]},
            {
                "endpoints": [{"id": "a", "endpoint_type": "user", "delay": 0, "timeout": 20}],
                "audio": "one-way",
                "timeout": 5,
            },
        ),
    ],
)
def test_defaults_go_to_the_end_in_order_of_name(module: str, data: Any, expected: Any) -> None:
    """They reach into given objects and list items, and never replace what is there."""
    assert json.dumps(filled(module, data)) == json.dumps(expected)


def test_each_macro_gets_the_defaults_of_its_kind() -> None:
    """The defaults of the alternative that fits stay."""
    macros = filled("audio_macro", {"macros": [{"macro": "tts", "text": "Hi"}, {"macro": "play", "id": "x"}]})["macros"]

    assert macros[0]["voice"] == "female"
    assert macros[1]["endless_playback"] is False


def test_defaults_are_not_shared_between_flows() -> None:
    """Changing one filled-in list must not change the next flow's."""
    filled("play", {})["terminators"].clear()

    assert filled("play", {})["terminators"] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"]


# --- the pivot action --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "docs", "four", "five"),
    [
        ({"voice_url": URL, "req_timeout_ms": 5001}, [], ["maximum"], ["maximum"]),
        ({}, ["required"], ["required"], ["not_one_schema_valid"]),
        ({"voice_url": "http:"}, ["pattern"], ["pattern"], ["minLength", "pattern"]),
        ({"voice_url": URL, "cdr_url": "ftp://h/x"}, ["pattern"], ["pattern"], ["pattern"]),
        ({"voice_url": URL, "serverless": 5}, [], [], ["not_one_schema_valid", "type"]),
        ({"voice_url": URL, "custom_request_headers": {"X-A": 5, "A": 5}}, [], [], ["type"]),
        ({"voice_url": URL, "method": "Get"}, ["enum"], ["enum"], ["enum"]),
    ],
)
def test_the_pivot_action_in_each_profile(data: Any, docs: list[str], four: list[str], five: list[str]) -> None:
    """The pivot action follows the Pivot page in ``docs``, nested or not."""
    for profile, keywords in ((DOCS, docs), (KAZOO_4, four), (KAZOO_5, five)):
        nested = validate(
            {"module": "answer", "data": {}, "children": {"_": {"module": "pivot", "data": data}}}, profile=profile
        )
        alone = validate_action(data, profile=profile)

        assert [error.keyword for error in alone.errors] == keywords
        assert paths(nested) == [(f"children._.{path}", keyword) for path, keyword in paths(alone)]


def test_an_action_comes_back_as_its_data() -> None:
    """``validate_action`` gives the data with defaults, and paths begin with ``data`` as in a node."""
    found = validate_action({"voice_url": URL})

    assert found.flow == {
        "voice_url": URL, "debug": False, "method": "get", "req_body_format": "form", "req_format": "kazoo",
    }  # fmt: skip
    assert paths(validate_action({"voice_url": URL, "debug": "no"})) == [("data.debug", "type")]
    assert paths(validate_action([])) == [("data", "type"), ("data", "type")]


WARNINGS = [
    ({"req_timeout": "5"}, "legacy_field_ignored", "req_timeout", "req_timeout_ms"),
    ({"foo": 1}, "unknown_field", "foo", "no field 'foo'"),
    ({"voiceUrl": "x"}, "unknown_field", "voiceUrl", "did you mean 'voice_url'?"),
    ({"serverless": {}}, "unknown_field", "serverless", "only Kazoo 5 has it"),
    ({"custom_request_headers": {}}, "unknown_field", "custom_request_headers", "only Kazoo 5 has it"),
    ({"cdr_url": "https://{HOST}/"}, "placeholder", "cdr_url", "{HOST}"),
    ({"req_timeout_ms": 6000}, "timeout_above_limit", "req_timeout_ms", "5000 ms"),
]


@pytest.mark.parametrize(("data", "warning_id", "field", "text"), WARNINGS)
def test_what_a_pivot_action_is_warned_of(data: Any, warning_id: str, field: str, text: str) -> None:
    """Fields that nothing reads are no error: they are told."""
    (warning,) = validate_action({"voice_url": URL, **data}, where="$.children._").warnings

    assert (warning.id, warning.where) == (warning_id, f"$.children._.data.{field}")
    assert text in warning.message


def test_kazoo_5_reads_its_own_fields_without_a_warning() -> None:
    """Headers and inline documents are known there, and too long a timeout is an error already."""
    data = {"voice_url": URL, "custom_request_headers": {"X-A": "b"}, "req_timeout_ms": 9000}

    assert validate_action(data, profile=KAZOO_5).warnings == ()


def test_missing_data_is_told_and_so_is_where_it_might_be() -> None:
    """A node without data is checked as if it were empty; fields beside ``module`` are pointed out."""
    found = validate({"module": "tts", "text": "Hi", "children": {"_": {"module": "answer"}}})

    assert {(warning.id, warning.where) for warning in found.warnings} == {
        ("data_missing", "$"),
        ("data_missing", "$.children._"),
    }
    assert found.summary == "data has no 'text' (text stands beside 'module' and belongs inside 'data')"


def test_a_likely_mistake_in_another_module_is_told() -> None:
    """Kazoo takes any field; one that is nearly a known one is worth a word, others are not."""
    (warning,) = validate({"module": "play", "data": {"media": "x", "note": "y"}}).warnings

    assert warning.where == "$.data.media"
    assert "did you mean 'id'?" in warning.message
    assert validate({"module": "play", "data": {"media": "x", "id": "y"}}).warnings == ()


# --- client URLs -------------------------------------------------------------------------------

REFUSED = ["localhost", "LocalHost:80", "127.0.0.1", "127.1", "0", "0.0.0.0", "0177.0.0.1", "0x7f000001", "2130706433"]
TAKEN = ["localhost.", "127.0.0.2", "10.0.0.1", "[::1]", "", "127.0.0.1.nip.io", "u:p@localhost", "256.1", "08"]


@pytest.mark.parametrize(("host", "refused"), [(host, True) for host in REFUSED] + [(host, False) for host in TAKEN])
def test_hosts_that_kazoo_refuses(host: str, refused: bool) -> None:
    """Its list names localhost, 127.0.0.1 and 0.0.0.0, in any spelling of the address; names aren't resolved."""
    found = validate_action({"voice_url": f"http://{host}/x"}, profile=KAZOO_4, blacklist=KAZOO_BLACKLIST)

    assert found.blacklisted == refused
    assert found.valid != refused


def test_no_host_is_refused_unless_asked_for() -> None:
    """Tests run on localhost, so the list is off by default."""
    assert validate_action({"voice_url": "http://localhost/x"}).valid


def test_a_blacklist_of_ones_own() -> None:
    """Entries are hosts or networks; anything else is a mistake of who wrote it."""
    own = ("10.0.0.0/8", "Intern.example.com")

    assert validate_action({"voice_url": "http://10.1.2.3/"}, blacklist=own).blacklisted
    assert validate_action({"voice_url": "http://u:p@intern.EXAMPLE.com:8080/"}, blacklist=own).blacklisted
    assert validate_action({"voice_url": "http://127.0.0.1/"}, blacklist=own).valid
    with pytest.raises(UsageError, match="neither a host nor a network"):
        validate_action({"voice_url": URL}, blacklist=["10.0.0.0/99"])


@pytest.mark.parametrize(
    ("module", "field"), [("webhook", "uri"), ("record_call", "url"), ("record_caller", "url"), ("pivot", "voice_url")]
)
def test_four_urls_are_client_urls(module: str, field: str) -> None:
    """Only http and https, in lower case; FTP uploads too are refused."""
    for url in ("ftp://h.example/x", "HTTP://h.example/x", "//h.example/x"):
        assert (f"data.{field}", "error") in data_errors(module, {field: url})
    assert data_errors(module, {field: "http:x.example"})[1:] == []


@pytest.mark.parametrize(
    ("text", "number"), [("1.2.3.4", 0x01020304), ("1.2.772", 0x01020304), ("1.131844", 0x01020304)]
)
def test_the_last_field_of_an_address_fills_the_rest(text: str, number: int) -> None:
    """One to four fields, as in C."""
    assert ipv4_number(text) == number


CRASHES = [
    {"module": 5, "data": {}},
    {"module": None},
    {"module": "pivot", "data": {"voice_url": 5}},
    {"module": "webhook", "data": {"uri": None}},
    {"module": "pivot", "data": {"voice_url": "http://u@h/"}},
    {"module": "nope", "data": {}, "children": {"_": {"module": ["play"]}}},
]


@pytest.mark.parametrize("flow", CRASHES, ids=json.dumps)
def test_kazoos_validator_dies_of_these(flow: Any) -> None:
    """4.x and 5.x: no list of errors is left, so the crash is the only one."""
    for profile in (KAZOO_4, KAZOO_5):
        found = validate(flow, profile=profile)

        assert found.crash
        assert [error.kind for error in found.errors] == ["crash"]


@pytest.mark.parametrize("flow", CRASHES, ids=json.dumps)
def test_docs_has_no_crashes(flow: Any) -> None:
    """In ``docs`` they are plain errors, and ``user@host`` is none."""
    found = validate(flow, profile=DOCS)

    assert found.crash is None
    assert found.valid == (flow == CRASHES[4])


# --- for people --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "summary", "hint"),
    [
        ({"flow": PLAY}, "the flow has no 'module'", "what stands under 'flow' alone"),
        ({"numbers": ["1"], "flow": PLAY}, "the flow has no 'module'", "what stands under 'flow' alone"),
        ({"data": {"flow": PLAY}}, "the flow has no 'module'", "under 'data.flow' alone"),
        (PLAY | {"children": {"_": {"flow": PLAY}}}, "children._ has no 'module'", "under 'children._.flow' alone"),
        ({"error": "not found"}, "the flow has no 'module'", 'such as {"module": "tts"'),
        ({"module": "tts"}, "data has no 'text'", "add 'text' to data"),
        ({"Module": "play"}, "the flow has no 'module'", "'Module' must be called 'module'"),
        ({"action": "play"}, "the flow has no 'module'", "'action' must be called 'module'"),
        ({"play": {"id": "x"}}, "the flow has no 'module'", '{"module": "play", "data": {…}}'),
        ({}, "the flow is an empty object: that is no action", 'such as {"module": "tts"'),
        ([PLAY], "the flow is a list, Kazoo wants an object: its first action", "send one action"),
        (json.dumps(PLAY), "the flow is a string, Kazoo wants an object: its first action", "JSON twice"),
        (PLAY | {"children": [PLAY]}, "children: this is a list, Kazoo wants an object", '{"_": {"module": …}}'),
        (PLAY | {"children": {"_": {}}}, "children._ is an empty object: that is no action", "leave it out"),
        (PLAY | {"children": {"_": None}}, "children._: this is null, Kazoo wants an object", "leave it out"),
        (PLAY | {"children": {"_": "hangup"}}, "children._: 'hangup' is a string, Kazoo wants an object", "hangup"),
        (
            PLAY | {"children": {"_": {"module": "paly", "data": {}}}},
            "unknown module 'paly' at children._: did you mean 'play'?",
            "write 'play'",
        ),
        ({"module": "PLAY"}, "unknown module 'PLAY' at the top of the flow: did you mean 'play'?", "write 'play'"),
        ({"module": "say"}, "unknown module 'say' at the top of the flow: did you mean 'tts'?", "write 'tts'"),
        ({"module": "zzz"}, "unknown module 'zzz' at the top of the flow", "list of callflow actions"),
        ({"module": "tts", "data": {"Text": "x"}}, "data has no 'text'", "'Text' must be called 'text'"),
        ({"module": "tts", "params": {"text": "x"}}, "data has no 'text' ('params' must be called 'data')", ""),
        ({"module": "tts", "data": {"text": ""}}, "data.text: the text is empty", ""),
        (
            {"module": "voicemail", "data": {"id": "vmbox1"}},
            "data.id: 'vmbox1' has 6 characters, Kazoo wants at least 32",
            "whole id",
        ),
        (
            {"module": "collect_dtmf", "data": {"max_digits": "four"}},
            "data.max_digits: 'four' is a string, Kazoo wants an integer",
            "",
        ),
        ({"module": "sleep", "data": {"duration": "4"}}, "data.duration: '4' is a string, Kazoo wants an integer", "4"),
        (
            {"module": "sleep", "data": {"duration": 4.0}},
            "data.duration: 4.0 is a decimal number, Kazoo wants an integer",
            "write 4, without a fraction",
        ),
        ({"module": "sleep", "data": {"duration": -1}}, "data.duration: -1 is less than 0", ""),
        (
            {"module": "send_dtmf", "data": {"digits": 42}},
            "data.digits: 42 is an integer, Kazoo wants a string",
            '"42"',
        ),
        ({"module": "sleep", "data": {"unit": "S"}}, "data.unit: 'S' is not ms, s, m or h", "did you mean 's'?"),
        (
            {"module": "collect_dtmf", "data": {"terminator": 1}},
            "data.terminator: 1 is an integer, Kazoo wants a string: 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, # or *",
            '"1"',
        ),
        ({"module": "ring_group", "data": {}}, "data needs exactly one of endpoints or group_id; it has none", ""),
        (
            {"module": "audio_macro", "data": {}},
            "data.macros: the list is empty or missing, Kazoo wants at least 1",
            "",
        ),
        (
            {"module": "notification", "data": {"recipients": [{"type": "user", "id": "a"}]}},
            "data.recipients.0.id: 'a' is a string, Kazoo wants an e-mail address or a list of e-mail addresses",
            "even where the type is user",
        ),
        (
            {"module": "pivot", "data": {"voice_url": "{SERVER_URL}"}},
            "data.voice_url: '{SERVER_URL}' does not begin with http:// or https://",
            "{SERVER_URL} is a placeholder",
        ),
        (
            {"module": "pivot", "data": {"url": "http://h/"}},
            "data has no 'voice_url'",
            "'url' must be called 'voice_url'",
        ),
    ],
)
def test_errors_are_explained_to_web_developers(flow: Any, summary: str, hint: str) -> None:
    """The most telling error in a sentence, and what to mend."""
    found = validate(flow)

    assert found.summary == summary
    assert hint in found.hint


def test_a_module_of_the_other_version_is_named() -> None:
    """Which Kazoo has it helps more than a near name."""
    assert validate({"module": "tones", "data": {}}, profile=KAZOO_4).summary.endswith("only Kazoo 5.x has it")


def test_the_most_telling_error_comes_first() -> None:
    """A cause beats its consequences, and other places are counted."""
    flow = {"module": "ring_group", "data": {"timeout": "x"}, "children": {"_": {"module": "zzz"}}}
    found = validate(flow)

    assert best_error(found.errors).kind == "unknown_module"
    assert found.summary == "unknown module 'zzz' at children._ (and 2 more errors)"


def test_passwords_in_urls_are_not_shown() -> None:
    """Messages go into reports and cassettes."""
    found = validate_action({"voice_url": "ftp://me:secret@h/"}, profile=KAZOO_4)

    assert "secret" not in "".join(error.explain + error.hint for error in found.errors)


def test_messages_stay_short_and_on_one_line() -> None:
    """Keys and values come from a server, and messages go to terminals."""
    key = "\x1b[31m\n" + "k" * 100_000
    found = validate({"module": "noop", "data": {"skip_module": key}, "children": {key: {"module": key}}})

    for text in (text for error in found.errors for text in (error.explain, error.hint)):
        assert len(text) <= 300 + 20
        assert text.isprintable()


# --- anything at all ---------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["module", "data", "children", "_", "flow", "play", "pivot", "tts", "action", "voice_url", "id", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)
MODULES = st.sampled_from(schemas.modules("5.x"))
NODES = st.recursive(
    st.fixed_dictionaries({"module": MODULES | JSON}, optional={"data": JSON}),
    lambda inner: st.fixed_dictionaries(
        {"module": MODULES, "data": st.dictionaries(WORDS, JSON | inner, max_size=3)},
        optional={"children": st.dictionaries(st.text(max_size=2), inner, max_size=3)},
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(flow=JSON | NODES, profile=st.sampled_from([*PROFILES.values()]))
def test_any_json_is_judged(flow: Any, profile: Profile) -> None:
    """Nothing raises, nothing given is changed, and every error can be told to people."""
    before = copy.deepcopy(flow)
    found = validate(flow, profile=profile, blacklist=KAZOO_BLACKLIST)

    assert flow == before
    assert found.valid == (found.flow is not None)
    assert all(error.explain and isinstance(error.hint, str) for error in found.errors)
    assert bool(found.summary) != found.valid


@settings(deadline=None)
@given(flow=NODES, profile=st.sampled_from([*PROFILES.values()]))
def test_a_filled_flow_stays_as_it_is(flow: Any, profile: Profile) -> None:
    """Checking what came out of a check changes nothing any more, and reports nothing."""
    found = validate(flow, profile=profile)
    if found.flow is not None:
        again = validate(found.flow, profile=profile)

        assert json.dumps(again.flow) == json.dumps(found.flow)


@settings(deadline=None)
@given(data=JSON)
def test_any_action_is_judged(data: Any) -> None:
    """Also a pivot action's data may be anything."""
    for profile in PROFILES.values():
        found = validate_action(data, profile=profile)

        assert found.valid == (found.flow is not None)
        assert Counter(error.path.split(".")[0] for error in found.errors).keys() <= {"data"}
