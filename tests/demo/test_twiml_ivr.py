"""The example IVR in TwiML, asked over real sockets."""

from __future__ import annotations

import pytest
import requests
from lxml import etree

VERBS = {"Say", "Gather", "Redirect", "Dial", "Record", "Hangup", "Reject", "Set", "Variable"}
JANE = {"CallSid": "c1", "CallerNumber": "+14155550100", "Direction": "inbound"}
KNOWN = {"language": "en", "account": "100234"}


def ask(url: str, style: str = "post", **params: str) -> etree._Element:
    """Ask as Kazoo would, and read the TwiML."""
    sent = JANE | params
    if style == "get":
        reply = requests.get(url, params=sent, timeout=5)
    elif style == "post":
        reply = requests.post(url, data=sent, timeout=5)
    else:
        reply = requests.post(url, json=sent, timeout=5)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/xml"
    root = etree.fromstring(reply.content)
    assert root.tag == "Response"
    assert {element.tag for element in root.iterdescendants()} <= VERBS
    return root


def said(root: etree._Element) -> list[str]:
    """All that is spoken, in the order of the document."""
    return [str(element.text) for element in root.iter("Say")]


@pytest.mark.parametrize("style", ["get", "post", "json"])
@pytest.mark.parametrize(
    ("place", "params", "words"),
    [
        ("welcome.xml", {}, "Welcome to Quillon Energy. For English, press 1."),
        ("account.xml", {"Digits": "1"}, "Please enter your six digit account number, followed by the hash key."),
        (
            "account.xml",
            {"Digits": "2"},
            "Veuillez saisir votre numéro de compte à six chiffres, suivi de la touche dièse.",
        ),
        ("check.xml", {"language": "en", "Digits": "100234"}, "Hello Jane Roe."),
        ("check.xml", {"language": "fr", "Digits": "7"}, "Nous ne connaissons pas ce numéro de compte."),
        ("choice.xml", KNOWN | {"Digits": "1"}, "Your balance is 124 euros and 50 cents."),
        ("choice.xml", KNOWN | {"Digits": "2"}, "Please hold while we connect you. This call may be recorded."),
        ("choice.xml", KNOWN | {"Digits": "3"}, "Please leave a message after the tone."),
        ("choice.xml", KNOWN | {"Digits": "5"}, "That is not one of the choices."),
        ("choice.xml", KNOWN | {"Digits": "12"}, "That is not one of the choices."),
        ("choice.xml", {"Digits": "1"}, "Thank you for calling. Goodbye."),
        ("agent.xml", KNOWN | {"DialCallStatus": "completed"}, "Thank you for calling. Goodbye."),
        (
            "agent.xml",
            KNOWN | {"DialCallStatus": "busy"},
            "All our agents are busy. Please leave a message after the tone.",
        ),
        (
            "agent.xml",
            KNOWN | {"DialCallStatus": "no-answer"},
            "Nobody can take your call. Please leave a message after the tone.",
        ),
        ("saved.xml", KNOWN | {"RecordingDuration": "12"}, "Thank you. Your message of 12 seconds is saved."),
        ("saved.xml", KNOWN | {"Recording-Duration": "2"}, "We did not hear a message."),
        ("saved.xml", KNOWN, "We did not hear a message."),
    ],
)
def test_each_page_says_what_it_should(origin: str, style: str, place: str, params: dict[str, str], words: str) -> None:
    """The answer depends on the parameters only, not on how they were sent."""
    assert said(ask(f"{origin}/twiml/{place}", style, **params))[0] == words


def test_kazoo_style_names_are_read_too(origin: str) -> None:
    """With req_format kazoo the caller's number has another name; a Gather's keys have the same."""
    reply = requests.post(f"{origin}/twiml/account.xml", data={"Caller-ID-Number": "+14155550103"}, timeout=5)

    assert said(etree.fromstring(reply.content))[0].startswith("Veuillez")


def test_what_the_caller_chose_is_kept_in_variables(origin: str) -> None:
    """One Variable a Set: an older Kazoo takes no more."""
    language = ask(f"{origin}/twiml/account.xml", Digits="2").find("Set/Variable")
    account = ask(f"{origin}/twiml/check.xml", Digits="100234").findall("Set/Variable")

    assert language is not None
    assert dict(language.attrib) == {"key": "language", "value": "fr"}
    assert [dict(element.attrib) for element in account] == [{"key": "account", "value": "100234"}]


def test_a_silent_caller_is_asked_by_redirect(origin: str) -> None:
    """Behind each Gather stands a Redirect to the same page: Kazoo falls through when no key came."""
    for place in ("welcome.xml", "account.xml", "check.xml", "choice.xml"):
        gather, redirect = ask(f"{origin}/twiml/{place}", **KNOWN)[-2:]
        assert (gather.tag, redirect.tag) == ("Gather", "Redirect")
        assert gather.get("action") == redirect.text


def test_three_wrong_account_numbers_lead_to_an_agent(origin: str) -> None:
    """The number of tries rides in the URL of the Gather."""
    page, urls = ask(f"{origin}/twiml/account.xml", Digits="1"), []
    while (gather := page.find("Gather")) is not None:
        urls.append(str(gather.get("action")))
        page = ask(f"{origin}/twiml/{urls[-1]}", Digits="1", language="en")

    assert urls == ["check.xml?try=1", "check.xml?try=2", "check.xml?try=3"]
    assert page.findtext("Dial") == "+14155550142"


def test_silence_in_the_menu_is_one_more_try_then_goodbye(origin: str) -> None:
    """The menu is said twice at most."""
    assert said(ask(f"{origin}/twiml/choice.xml?try=1", **KNOWN))[0].startswith("For your balance")
    assert said(ask(f"{origin}/twiml/choice.xml?try=2", **KNOWN)) == ["Thank you for calling. Goodbye."]


def test_barred_callers_are_refused(origin: str) -> None:
    """The call is refused as busy, unanswered."""
    page = ask(f"{origin}/twiml/welcome.xml", CallerNumber="+14155550199")

    assert [(element.tag, dict(element.attrib)) for element in page] == [("Reject", {"reason": "busy"})]


def test_recordings_and_call_records_are_taken(origin: str) -> None:
    """Kazoo puts the recording below the Record's action, and posts the call record to cdr_url."""
    recording = requests.put(f"{origin}/twiml/saved.xml/call_recording_c1@h.mp3", data=b"\xff\xfb", timeout=5)
    record = requests.post(f"{origin}/twiml/cdr", data={"Call-ID": "c1", "Hangup-Cause": "NORMAL_CLEARING"}, timeout=5)

    assert (recording.status_code, record.status_code) == (201, 200)
