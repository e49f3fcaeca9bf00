"""Which parameters a request carries, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pivotkit.kazoo.encoding import form_text
from pivotkit.kazoo.params import (
    call_variables,
    digits_sent,
    kazoo_params,
    merge_params,
    request_params,
    twiml_params,
)
from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5, Profile
from pivotkit.kazoo.state import CallInfo, CallState, KazooCrash, PivotState
from request_vectors import Vector, states, vectors

BASE = {"kazoo": kazoo_params, "twiml": twiml_params}


@vectors("req_params")
def test_base_parameters_are_those_of_kazoo(vector: Vector) -> None:
    """Names, values and order of req_params; an unknown format has none."""
    given = vector["input"]
    call, pivot = states(given)
    rows = (
        BASE[given["req_format"]](call, pivot)
        if given["op"] != "other"
        else request_params(call, pivot, given["req_format"])
    )
    params = [(name, value) for name, value in rows if value is not None]

    assert params == [tuple(pair) for pair in vector["expected"]["params"]]
    assert form_text(params, KAZOO_4) == vector["expected"]["querystring"]


def call_of(profile: Profile = DOCS, collections: Mapping[str, str] | None = None, **info: Any) -> CallState:
    """A call with the facts that a test is about."""
    return CallState(info=CallInfo(call_id="c1", **info), profile=profile, collections=dict(collections or {}))


def pivot_of(**kvs: Any) -> PivotState:
    """A pivot process that remembers just this."""
    return PivotState(number=1, data={}, voice_url="http://h/", **kvs)


def sent(call: CallState, pivot: PivotState, req_format: str = "kazoo") -> dict[str, Any]:
    """The next request's parameters, by name."""
    return dict(request_params(call, pivot, req_format))


def test_later_layers_win_and_keep_the_first_place() -> None:
    """User variables, then call variables, then the base parameters from the last row to the first."""
    merged = merge_params(
        {"lang": "fr", "From": "evil", "gone": None, "CallStatus": "mine"},
        [("CallStatus", "ringing"), ("QueueSid", None)],
        [("From", "200"), ("To", None), ("Direction", "inbound")],
    )

    assert merged == [("lang", "fr"), ("From", "200"), ("CallStatus", "ringing"), ("Direction", "inbound")]


def test_an_unset_parameter_leaves_a_user_variable_of_its_name_alone() -> None:
    """Unset values are left out before the layers are joined."""
    assert sent(call_of(), pivot_of(user_vars={"Call-Status": "mine", "Digits": "9"}))["Call-Status"] == "mine"


def test_call_variables_are_sent_with_an_unknown_format_too() -> None:
    """Only the base parameters are missing then."""
    pivot = pivot_of(digits_collected="12", user_vars={"a": "1"})

    assert request_params(call_of(), pivot, "Kazoo") == [("a", "1"), ("Digits", "12")]


def test_custom_objects_have_descending_names_and_no_nulls_inside_objects_too() -> None:
    """Lists keep their order and their nulls; the call's own variables overlay those it began with."""
    call = call_of(custom_application_vars={"a": {"x": 1, "y": None, "z": 2}, "n": None, "l": ["b", None, "a"], "o": 1})
    call.app_vars["o"] = 2
    custom = sent(call, pivot_of())["Custom-Application-Vars"]

    assert list(custom.items()) == [("o", 2), ("l", ["b", None, "a"]), ("a", {"z": 2, "x": 1})]
    assert list(custom["a"]) == ["z", "x"]


@pytest.mark.parametrize(
    ("user", "realm", "address", "shown"),
    [
        (None, None, None, ("nouser", "norealm")),
        ("", "", "", ("nouser", "norealm")),
        (None, None, "200@h@i", ("200", "h@i")),
        ("201", None, "200@h", ("201", "h")),
        (None, "r", "200@h", ("200", "r")),
        (None, None, "@", ("", "")),
        ("", "", "u@", ("u", "")),
        ("201", "r", "no address", ("201", "r")),
    ],
)
def test_sip_users_and_realms(user: str | None, realm: str | None, address: str | None, shown: tuple[str, str]) -> None:
    """What is unset is cut out of the whole address at the first ``@``, nothing too; without one it has a stand-in."""
    params = sent(call_of(to_user=user, to_realm=realm, to_address=address), pivot_of())

    assert (params["To"], params["To-Realm"]) == shown


def test_an_address_without_an_at_sign_crashes_kazoo() -> None:
    """It can't be cut."""
    with pytest.raises(KazooCrash, match="has no @"):
        sent(call_of(from_address="200"), pivot_of(), "twiml")


@pytest.mark.parametrize(("owners", "shown"), [((), None), (("u1",), "u1"), (("u1", "u2"), ["u1", "u2"])])
def test_user_id_is_the_owner_or_the_list_of_owners(owners: tuple[str, ...], shown: Any) -> None:
    """Nobody's device: absent."""
    assert sent(call_of(owners=owners), pivot_of()).get("User-ID") == shown


@pytest.mark.parametrize(("caller_number", "shown"), [(None, "+1"), ("+2", "+2"), ("", "anonymous")])
def test_the_last_dials_caller_id_is_the_callers_number_from_then_on(caller_number: str | None, shown: str) -> None:
    """An empty callerId is anonymous."""
    call, pivot = call_of(caller_id_number="+1"), pivot_of(caller_number=caller_number)

    assert sent(call, pivot)["Caller-ID-Number"] == shown
    assert sent(call, pivot, "twiml")["CallerNumber"] == shown


# --- Digits ------------------------------------------------------------------------------------


def digits(profile: Profile, collections: Mapping[str, str] | None = None, **kvs: Any) -> Any:
    """The Digits of the next request; None: not sent."""
    return sent(call_of(profile, collections), pivot_of(**kvs)).get("Digits")


EACH = pytest.mark.parametrize("profile", [DOCS, KAZOO_4, KAZOO_5], ids=["docs", "4.x", "5.x"])


@EACH
def test_no_digits_before_a_key_was_collected(profile: Profile) -> None:
    """Absent, not empty."""
    assert digits(profile) is None


def test_collections_that_are_empty_again_are_sent_all_the_same() -> None:
    """An empty object, once a flow has collected keys."""
    call = CallState(info=CallInfo(call_id="c1"), profile=KAZOO_4, collected=True)

    assert sent(call, pivot_of())["Digits"] == {}


@pytest.mark.parametrize(
    ("req_format", "names"), [("kazoo", ("Account-ID", "Call-ID")), ("twiml", ("AccountSid", "CallSid"))]
)
def test_empty_ids_are_left_out(req_format: str, names: tuple[str, str]) -> None:
    """As if the call had none."""
    call = CallState(info=CallInfo(call_id="", account_id=""), profile=KAZOO_4)

    assert not set(names) & set(sent(call, pivot_of(), req_format))


@EACH
def test_all_collections_of_the_call_are_sent_as_an_object(profile: Profile) -> None:
    """In the order of their first use; a timeout leaves an empty string."""
    assert digits(profile, {"default": "", "pin": "4321"}) == {"default": "", "pin": "4321"}


@EACH
def test_a_records_terminator_is_sent_as_text(profile: Profile) -> None:
    """It hides the collections, and keys of a Say before it."""
    assert digits(profile, {"default": "1"}, digit_pressed="#", digits_collected="5") == "#"


@pytest.mark.parametrize("profile", [DOCS, KAZOO_5], ids=["docs", "5.x"])
def test_gathered_keys_are_fresher_than_an_older_flows_collections(profile: Profile) -> None:
    """The latest keys are sent (i-8)."""
    assert digits(profile, {"default": "1"}, digits_collected="77") == "77"


def test_collections_hide_gathered_keys_in_4x() -> None:
    """The quirk of i-8."""
    assert digits(KAZOO_4, {"default": "1"}, digits_collected="77") == {"default": "1"}


@pytest.mark.parametrize(
    ("profile", "expected"), [(DOCS, None), (KAZOO_4, ""), (KAZOO_5, "")], ids=["docs", "4.x", "5.x"]
)
def test_digits_when_a_gather_got_nothing(profile: Profile, expected: str | None) -> None:
    """``Digits=`` in Kazoo, absent in ``docs`` (i-26)."""
    assert digits(profile, digits_collected="") == expected


@EACH
def test_collections_are_sent_though_no_keys_are_left_to_gather(profile: Profile) -> None:
    """Every later request of the call carries all collections."""
    assert digits(profile, {"default": "1"}, digits_collected="") == {"default": "1"}


@pytest.mark.parametrize(
    ("profile", "stays"), [(DOCS, None), (KAZOO_5, None), (KAZOO_4, "#")], ids=["docs", "5.x", "4.x"]
)
def test_digits_that_were_sent_are_forgotten(profile: Profile, stays: str | None) -> None:
    """Gathered keys are emptied, not unset; in 4.x a Record's terminator stays for ever (i-8)."""
    call, pivot = call_of(profile), pivot_of(digits_collected="12", digit_pressed="#")
    digits_sent(call, pivot)

    assert (pivot.digits_collected, pivot.digit_pressed) == ("", stays)


def test_keys_that_were_never_collected_stay_unset() -> None:
    """Some Gathers behave otherwise while no key was ever collected."""
    pivot = pivot_of()
    digits_sent(call_of(), pivot)

    assert pivot.digits_collected is None


def test_call_variables_stand_in_kazoos_order() -> None:
    """Call variables of both formats, unset ones too."""
    assert [name for name, _ in call_variables(call_of(), pivot_of())] == [
        "CallStatus",
        "QueueSid",
        "DialCallDuration",
        "DialCallSid",
        "DialCallStatus",
        "RecordingDuration",
        "RecordingUrl",
        "Digits",
    ]
