"""The example IVR in Kazoo JSON, asked over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import requests

from pivotkit.kazoo.profiles import PROFILES, Profile
from pivotkit.kazoo.validate import validate

SPEAKING = {"tts", "answer", "collect_dtmf", "voicemail"}
DECIDING = {"pivot", "hangup", "response", "set_variable", "set_variables", "branch_variable", "record_call"}
RINGING = {"user", "device", "ring_group"}
JANE = {"Call-ID": "c1", "Caller-ID-Number": "+14155550100"}
KNOWN = {"language": "1", "account": "100234"}


def nodes(flow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a flow, parents first."""
    yield flow
    for child in flow["children"].values():
        yield from nodes(child)


def texts(flow: dict[str, Any], *, inside: str = "_") -> list[str]:
    """What is said on the way along the default children, until something else decides."""
    said = []
    while flow["module"] not in ("pivot", "hangup"):
        said += [flow["data"]["text"]] if flow["module"] == "tts" else []
        if inside not in flow["children"]:
            break
        flow = flow["children"][inside]
    return said


def pivot_of(flow: dict[str, Any]) -> dict[str, Any]:
    """The data of the first pivot action."""
    return next(node["data"] for node in nodes(flow) if node["module"] == "pivot")


def ask(url: str, digits: dict[str, str] | None = None, style: str = "get", **params: str) -> dict[str, Any]:
    """Ask as Kazoo would: query, form or JSON body."""
    sent = JANE | params
    form = sent | {f"Digits[{name}]": keys for name, keys in (digits or {}).items()}
    if style == "get":
        reply = requests.get(url, params=form, timeout=5)
    elif style == "form":
        reply = requests.post(url, data=form, timeout=5)
    else:
        reply = requests.post(url, json=sent | {"Custom-SIP-Headers": {}, "Digits": digits or {}}, timeout=5)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    flow: dict[str, Any] = reply.json()
    return flow


@pytest.mark.parametrize("style", ["get", "form", "json"])
def test_welcome_lets_choose_a_language(origin: str, style: str) -> None:
    """Both languages are offered, one key is collected, and the server is asked again in the same style."""
    flow = ask(f"{origin}/kazoo/welcome", style=style)

    assert texts(flow) == [
        "Welcome to Quillon Energy. For English, press 1.",
        "Pour le français, appuyez sur le 2.",
    ]
    assert pivot_of(flow) == {
        "voice_url": f"{origin}/kazoo/account",
        "method": "get" if style == "get" else "post",
        "req_body_format": "json" if style == "json" else "form",
    }


@pytest.mark.parametrize("style", ["get", "form", "json"])
@pytest.mark.parametrize(
    ("path", "digits", "said"),
    [
        ("account", {"language": "1"}, "Please enter your six digit account number, followed by the hash key."),
        (
            "account",
            {"language": "2"},
            "Veuillez saisir votre numéro de compte à six chiffres, suivi de la touche dièse.",
        ),
        ("check", KNOWN, "Hello Jane Roe."),
        ("check", {"language": "2", "account": "103507"}, "Bonjour Hôtel Beau Rivage."),
        ("check", {"language": "1", "account": "1"}, "We do not know that account number."),
        ("choice", KNOWN | {"choice": "1"}, "Your balance is 124 euros and 50 cents."),
        ("choice", {"language": "1", "account": "101433", "choice": "1"}, "You have a credit of 15 euros."),
        ("choice", {"language": "2", "account": "100517", "choice": "1"}, "Votre solde est de zéro. Merci."),
        ("choice", KNOWN | {"choice": "2"}, "Please hold while we connect you. This call may be recorded."),
        ("choice", KNOWN | {"choice": "3"}, "Please leave a message after the tone."),
        ("choice", KNOWN | {"choice": "8"}, "That is not one of the choices."),
        ("choice", {"language": "1", "choice": "1"}, "Thank you for calling. Goodbye."),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_place_says_what_it_should(origin: str, style: str, path: str, digits: dict[str, str], said: str) -> None:
    """The answer depends on the collections only, not on how they were sent."""
    assert texts(ask(f"{origin}/kazoo/{path}", digits, style))[0] == said


def test_no_language_key_falls_back_to_the_contract(origin: str) -> None:
    """A customer who presses nothing is served in the language of their contract, strangers in English."""
    silent = {"language": ""}
    claire = ask(f"{origin}/kazoo/account", silent, **{"Caller-ID-Number": "+14155550103"})
    stranger = ask(f"{origin}/kazoo/account", silent, **{"Caller-ID-Number": "+14155550177"})

    assert texts(claire)[0].startswith("Veuillez")
    assert texts(stranger)[0].startswith("Please")


def test_three_wrong_account_numbers_lead_to_an_agent(origin: str) -> None:
    """The number of tries rides in the URL that the server hands out."""
    wrong = {"language": "1", "account": "999999"}
    flow, urls = ask(f"{origin}/kazoo/account", {"language": "1"}), []
    while any(node["module"] == "collect_dtmf" for node in nodes(flow)):
        urls.append(pivot_of(flow)["voice_url"].removeprefix(origin))
        flow = ask(origin + urls[-1], wrong)

    assert urls == ["/kazoo/check?try=1", "/kazoo/check?try=2", "/kazoo/check?try=3"]
    assert texts(flow)[0] == "An agent will help you with your account number."
    assert "user" in {node["module"] for node in nodes(flow)}


def test_silence_in_the_menu_is_one_more_try_then_goodbye(origin: str) -> None:
    """The menu is said twice at most."""
    again = ask(f"{origin}/kazoo/choice?try=1", KNOWN | {"choice": ""})
    over = ask(f"{origin}/kazoo/choice?try=2", KNOWN | {"choice": ""})

    assert texts(again)[0].startswith("For your balance")
    assert texts(over) == ["Thank you for calling. Goodbye."]


def test_an_agent_who_is_busy_or_away_leads_to_the_mailbox(origin: str) -> None:
    """USER_BUSY has a child of its own, everything else is the default child."""
    flow = ask(f"{origin}/kazoo/choice", KNOWN | {"choice": "2"})
    desk = next(node for node in nodes(flow) if node["module"] == "user")

    assert texts(desk["children"]["USER_BUSY"])[0].startswith("All our agents are busy")
    assert texts(desk["children"]["_"])[0].startswith("Nobody can take your call")
    assert all("voicemail" in {node["module"] for node in nodes(child)} for child in desk["children"].values())


def test_priority_customers_ring_their_own_desk_first(origin: str) -> None:
    """set_variable and branch_variable with the value as child."""
    flow = ask(f"{origin}/kazoo/choice", {"language": "1", "account": "103888", "choice": "2"})
    branch = next(node for node in nodes(flow) if node["module"] == "branch_variable")

    assert set(branch["children"]) == {"9", "_"}
    assert branch["children"]["9"]["data"]["id"] == "priority-desk"
    assert branch["children"]["9"]["children"]["_"] == branch["children"]["_"]


def test_barred_callers_are_refused(origin: str) -> None:
    """The call is refused with a SIP code, unanswered."""
    flow = ask(f"{origin}/kazoo/welcome", **{"Caller-ID-Number": "+14155550199"})

    assert flow == {"module": "response", "data": {"code": 403, "message": "Forbidden"}, "children": {}}


def test_every_further_request_has_a_way_out(origin: str) -> None:
    """Only simulated modules are used, and each pivot action has a default child for when it fails."""
    answers = [
        ask(f"{origin}/kazoo/{path}", KNOWN | {"choice": key})
        for path in ("welcome", "account", "check", "choice")
        for key in "12389"
    ]
    all_nodes = [node for flow in answers for node in nodes(flow)]

    assert {node["module"] for node in all_nodes} <= SPEAKING | DECIDING | RINGING
    assert all("_" in node["children"] for node in all_nodes if node["module"] == "pivot")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("path", ["welcome", "account", "check", "choice"])
@pytest.mark.parametrize("account", ["100234", "103888", "7"])
def test_every_answer_is_a_flow_that_kazoo_takes(origin: str, profile: Profile, path: str, account: str) -> None:
    """The rules of every version let it pass, whatever was keyed."""
    for language, choice in product("12", "12389"):
        flow = ask(f"{origin}/kazoo/{path}?try=1", {"language": language, "account": account, "choice": choice})

        assert validate(flow, profile=profile).errors == ()
