"""JUnit XML: what CI servers are told of calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from pivotkit.interop.junit import TestCase as Case
from pivotkit.interop.junit import case_of, junit_xml
from pivotkit.results import Call
from sample_calls import menu_call, silent_call, twiml_call, voicemail_call

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


def read(*cases: Case) -> etree._Element:
    """The report of these, valid by the schema."""
    root = etree.fromstring(junit_xml(cases, "calls"))
    SCHEMA.assertValid(root)
    return root


@pytest.mark.parametrize("record", [menu_call(), voicemail_call(), twiml_call(), silent_call()])
@pytest.mark.parametrize("strict", [True, False])
def test_a_report_of_any_call_is_valid(record: object, strict: bool) -> None:
    """Jenkins and GitLab read it, whatever the call was."""
    assert len(read(case_of(Call(record), strict=strict)).findall(".//testcase")) == 1


def test_an_empty_report_is_valid() -> None:
    """No calls: a suite of 0 tests."""
    assert read().find("testsuite").get("tests") == "0"


def test_a_call_is_a_testcase_with_properties_and_its_conversation() -> None:
    """Name, properties and transcript tell which call it was and how it went, without colours."""
    call = Call(menu_call())
    test = read(case_of(call, "menu")).find(".//testcase")
    properties = {each.get("name"): each.get("value") for each in test.iter("property")}

    assert test.get("name") == "menu"
    assert properties["call_id"] == call.call_id
    assert properties["outcome"] == call.outcome
    assert call.verdict.split(";")[0] in test.findtext("system-out").replace("\n", " ")
    assert "\x1b" not in test.findtext("system-out")


def test_without_an_expectation_a_failed_pivot_fails_only_under_strict() -> None:
    """A plain run asks for nothing, so nothing can fail; strict asks for ok. The failure says what to mend."""
    call = Call(voicemail_call())

    assert read(case_of(call)).find(".//failure") is None
    failure = read(case_of(call, strict=True)).find(".//failure")
    assert failure.get("message") == call.verdict
    assert failure.get("type") == call.outcome
    assert call.failure.hint in failure.text


def test_an_expectation_goes_before_strict() -> None:
    """What was expected of a call decides: a call to the voicemail may be just what is tested."""
    assert read(case_of(Call(voicemail_call(expected=True)), strict=True)).find(".//failure") is None
    unmet = case_of(Call(menu_call(expected=False, unmet=("heard 'x' was expected",))))
    assert "heard 'x' was expected" in read(unmet).find(".//failure").text


def test_what_differs_from_its_recording_fails() -> None:
    """For replay and check: each difference stands in the failure."""
    failure = read(case_of(Call(menu_call()), differences=["status: 200 was recorded, now it is 500"])).find(
        ".//failure"
    )

    assert failure.get("type") == "differs"
    assert "status: 200 was recorded, now it is 500" in failure.text


def test_a_cassette_that_cannot_be_played_is_an_error() -> None:
    """Errors and failures are counted apart, as readers expect."""
    suite = read(Case(name="a", error="a.yaml:3: is damaged"), Case(name="b", failed="no")).find("testsuite")

    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")
    assert suite.find("testcase/error").get("message") == "a.yaml:3: is damaged"


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    """Bells, escapes and half surrogate pairs in a server's texts don't break the report."""
    failed = "\x00 bell \x07 esc \x1b half \ud800 last \uffff tab \t <&>\"'"
    case = read(Case(name="a\x01", failed=failed, transcript=failed)).find(".//testcase")

    assert case.get("name") == "a\ufffd"
    assert case.findtext("system-out") == "\ufffd bell \ufffd esc \ufffd half \ufffd last \ufffd tab \t <&>\"'"


def test_testcases_of_one_name_stay_apart() -> None:
    """Readers merge equal names, so the second one is numbered."""
    names = [case.get("name") for case in read(Case(name="a"), Case(name="a")).iter("testcase")]

    assert names == ["a", "a (2)"]
