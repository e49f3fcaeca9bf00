"""The example IVR in Kazoo's JSON: language, account number, main menu, balance, agent, voicemail.

It keeps nothing between requests: Kazoo sends every collection again (``Digits[account]=…``), and the
number of tries rides in the URLs that the server hands out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from pivotkit.demo.accounts import ACCOUNT_TRIES, BARRED, MENU_TRIES, Account, find_account, language_of
from pivotkit.demo.texts import LANGUAGE_KEYS, WELCOME, balance, text
from pivotkit.demo.web import Answer, Question, Route

Node: TypeAlias = dict[str, Any]

LOCALES: Final = {"en": "en-us", "fr": "fr-fr"}
MAILBOX: Final = {"en": "0f7c3d2a9b1e4c58a6d0e3f2b4c59817", "fr": "5b21e90c7f834ad2b6c8d1a09e7f4632"}


def flow(node: Node) -> Answer:
    """A callflow as answer, spelled so that people can read it."""
    return Answer(body=json.dumps(node, indent=2, ensure_ascii=False).encode())


def node(module: str, data: Mapping[str, Any], children: Mapping[str, Node] | None = None) -> Node:
    """One action of a callflow."""
    return {"module": module, "data": dict(data), "children": dict(children or {})}


def say(words: str, language: str, then: Node) -> Node:
    """Speak, then go on."""
    return node("tts", {"text": words, "language": LOCALES[language]}, {"_": then})


def collect(name: str, max_digits: int, then: Node, timeout_ms: int = 5000) -> Node:
    """Let the caller press keys, then go on."""
    return node("collect_dtmf", {"collection_name": name, "max_digits": max_digits, "timeout": timeout_ms}, {"_": then})


def ask(asked: Question, path: str, language: str, **query: object) -> Node:
    """Let Kazoo ask this server again, in the way in which it asked now; an agent helps where that fails."""
    url = f"{asked.origin}{path}" + (f"?{urlencode(query)}" if query else "")
    data = {"voice_url": url, "method": asked.method.lower(), "req_body_format": asked.body_format}
    help_desk = node("user", {"id": "agent-desk", "timeout": 15})
    return node("pivot", data, {"_": say(text("trouble", language), language, help_desk)})


def language(asked: Question) -> str:
    """The language that the caller chose, else the one they have chosen in their contract."""
    return LANGUAGE_KEYS.get(asked.digits("language")) or language_of(asked.phone)


def voicemail(tongue: str, why: str = "message") -> Node:
    """Leave a message and say goodbye."""
    goodbye = say(text("goodbye", tongue), tongue, node("hangup", {}))
    return say(text(why, tongue), tongue, node("voicemail", {"id": MAILBOX[tongue]}, {"_": goodbye}))


def agent(tongue: str, *, priority: bool = False) -> Node:
    """Ring an agent; customers with priority ring their own desk first.

    English is answered by one desk, French by two colleagues at once.
    """
    failed = {"USER_BUSY": voicemail(tongue, "busy"), "_": voicemail(tongue, "no_answer")}
    colleagues = [{"endpoint_type": "user", "id": name, "timeout": 15} for name in ("agent-amelie", "agent-hugo")]
    rings = {
        "en": node("user", {"id": "agent-desk", "timeout": 15}, failed),
        "fr": node("ring_group", {"endpoints": colleagues, "timeout": 15, "strategy": "simultaneous"}, failed),
    }[tongue]
    if priority:
        desk = node("device", {"id": "priority-desk", "timeout": 10}, {"_": rings})
        branch = node("branch_variable", {"variable": "call_priority"}, {"9": desk, "_": rings})
        rings = node("set_variable", {"variable": "call_priority", "value": "9"}, {"_": branch})
    return say(text("connecting", tongue), tongue, node("record_call", {"action": "start"}, {"_": rings}))


def welcome(asked: Question) -> Answer:
    """Greet, and let the caller choose a language."""
    if asked.phone in BARRED:
        return flow(node("response", {"code": 403, "message": "Forbidden"}))
    chosen = collect("language", 1, ask(asked, "/kazoo/account", language_of(asked.phone)))
    english, french = ((tongue, words) for tongue, words in WELCOME)
    return flow(node("answer", {}, {"_": say(english[1], english[0], say(french[1], french[0], chosen))}))


def account(asked: Question) -> Answer:
    """Ask for the account number."""
    return flow(_ask_account(asked, language(asked), 1))


def _ask_account(asked: Question, tongue: str, tries: int) -> Node:
    check = ask(asked, "/kazoo/check", tongue, **{"try": tries})
    return say(text("account", tongue), tongue, collect("account", 10, check, timeout_ms=8000))


def check(asked: Question) -> Answer:
    """Look the account number up: the menu if it is known, another try if not, an agent after the third."""
    tongue, tries = language(asked), asked.tries
    known = find_account(asked.digits("account"))
    if known:
        facts = {"custom_application_vars": {"account": known.number, "language": tongue}}
        hello = say(text("hello", tongue, name=known.name), tongue, _menu(asked, tongue, 1))
        return flow(node("set_variables", facts, {"_": hello}))
    if tries < ACCOUNT_TRIES:
        return flow(say(text("unknown", tongue), tongue, _ask_account(asked, tongue, tries + 1)))
    return flow(say(text("no_account", tongue), tongue, agent(tongue)))


def _menu(asked: Question, tongue: str, tries: int) -> Node:
    chosen = ask(asked, "/kazoo/choice", tongue, **{"try": tries})
    return say(text("menu", tongue), tongue, collect("choice", 1, chosen))


def choice(asked: Question) -> Answer:
    """Do what the caller chose in the main menu; a wrong key or none is another try, the second ends the call."""
    tongue, tries, key = language(asked), asked.tries, asked.digits("choice")
    known = find_account(asked.digits("account"))
    if known and key in _CHOICES:
        return flow(_CHOICES[key](asked, tongue, known))
    if not known or tries >= MENU_TRIES:
        return flow(say(text("goodbye", tongue), tongue, node("hangup", {})))
    again = _menu(asked, tongue, tries + 1)
    return flow(say(text("wrong_key", tongue), tongue, again) if key else again)


_CHOICES: Final[dict[str, Callable[[Question, str, Account], Node]]] = {
    "1": lambda asked, tongue, known: say(balance(known, tongue), tongue, _menu(asked, tongue, 1)),
    "2": lambda asked, tongue, known: agent(tongue, priority=known.priority),
    "3": lambda asked, tongue, known: voicemail(tongue),
    "9": lambda asked, tongue, known: _menu(asked, tongue, 1),
}

ROUTES: Final[dict[str, Route]] = {
    "/kazoo/welcome": welcome,
    "/kazoo/account": account,
    "/kazoo/check": check,
    "/kazoo/choice": choice,
}
