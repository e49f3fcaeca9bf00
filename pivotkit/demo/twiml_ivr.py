"""The same IVR in TwiML, as Kazoo reads it.

What the caller chose rides in ``<Variable>``s, which Kazoo sends with every later request; URLs are
relative to the folder, so they hold on any port. Times and values keep to what Kazoo takes:
one ``Variable`` a ``Set``, ``en`` and ``fr`` as languages, a plain number in ``Dial``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import Element, tostring  # only writes

from pivotkit.demo.accounts import ACCOUNT_TRIES, BARRED, MENU_TRIES, Account, find_account, language_of
from pivotkit.demo.texts import LANGUAGE_KEYS, WELCOME, balance, text
from pivotkit.demo.web import Answer, Question, Route

AGENTS: Final = {"en": "+14155550142", "fr": "+14155550143"}
SHORTEST_MESSAGE_S: Final = 3


def verb(name: str, words: str = "", *inside: Element, **attributes: str) -> Element:
    """One TwiML verb."""
    element = Element(name, attributes)
    element.text = words or None
    element.extend(inside)
    return element


def response(*verbs: Element) -> Answer:
    """A TwiML document, a verb a line."""
    lines = "".join(f"  {tostring(element, encoding='unicode')}\n" for element in verbs)
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n{lines}</Response>\n'
    return Answer(body=document.encode(), content_type="text/xml")


def say(words: str, tongue: str) -> Element:
    """Speak a text in a language."""
    return verb("Say", words, voice="woman", language=tongue)


def keep(key: str, value: str) -> Element:
    """Let Kazoo send this value with every later request of the call."""
    return verb("Set", "", verb("Variable", key=key, value=value))


def language(asked: Question) -> str:
    """The language that was kept, else the one of the caller's contract."""
    return asked.any_of("language") or language_of(asked.phone)


def welcome(asked: Question) -> Answer:
    """Greet, and let the caller choose a language."""
    if asked.phone in BARRED:
        return response(verb("Reject", reason="busy"))
    words = [say(said, tongue) for tongue, said in WELCOME]
    gather = verb("Gather", "", *words, action="account.xml", numDigits="1", timeout="5")
    return response(gather, verb("Redirect", "account.xml"))


def account(asked: Question) -> Answer:
    """Keep the language, and ask for the account number."""
    tongue = LANGUAGE_KEYS.get(asked.digits("default"), language(asked))
    return response(keep("language", tongue), *_ask_account(tongue, 1))


def _ask_account(tongue: str, tries: int) -> tuple[Element, Element]:
    url = f"check.xml?try={tries}"
    gather = verb("Gather", "", say(text("account", tongue), tongue), action=url, finishOnKey="#", timeout="8")
    return gather, verb("Redirect", url)


def check(asked: Question) -> Answer:
    """Look the account number up: the menu if it is known, another try if not, an agent after the third."""
    tongue, tries = language(asked), asked.tries
    known = find_account(asked.digits("default"))
    if known:
        hello = say(text("hello", tongue, name=known.name), tongue)
        return response(keep("account", known.number), hello, *_menu(tongue, 1))
    if tries < ACCOUNT_TRIES:
        return response(say(text("unknown", tongue), tongue), *_ask_account(tongue, tries + 1))
    return response(say(text("no_account", tongue), tongue), *_dial(tongue))


def _menu(tongue: str, tries: int) -> tuple[Element, Element]:
    url = f"choice.xml?try={tries}"
    gather = verb("Gather", "", say(text("menu", tongue), tongue), action=url, numDigits="1", timeout="5")
    return gather, verb("Redirect", url)


def choice(asked: Question) -> Answer:
    """Do what the caller chose in the main menu; a wrong key or none is another try, the second ends the call."""
    tongue, tries, key = language(asked), asked.tries, asked.digits("default")
    known = find_account(asked.any_of("account"))
    if known and key in _CHOICES:
        return response(*_CHOICES[key](tongue, known))
    if not known or tries >= MENU_TRIES:
        return response(*_goodbye(tongue))
    wrong = (say(text("wrong_key", tongue), tongue),) if key else ()
    return response(*wrong, *_menu(tongue, tries + 1))


def _goodbye(tongue: str) -> tuple[Element, Element]:
    return say(text("goodbye", tongue), tongue), verb("Hangup")


def _dial(tongue: str) -> tuple[Element, Element]:
    return (
        say(text("connecting", tongue), tongue),
        verb("Dial", AGENTS[tongue], action="agent.xml", timeout="15"),
    )


def _message(tongue: str, why: str) -> tuple[Element, ...]:
    return (
        say(text(why, tongue), tongue),
        verb("Record", action="saved.xml", maxLength="120", finishOnKey="#", timeout="4"),
        say(text("nothing_heard", tongue), tongue),
        *_goodbye(tongue),
    )


_CHOICES: Final[dict[str, Callable[[str, Account], tuple[Element, ...]]]] = {
    "1": lambda tongue, known: (say(balance(known, tongue), tongue), *_menu(tongue, 1)),
    "2": lambda tongue, known: _dial(tongue),
    "3": lambda tongue, known: _message(tongue, "message"),
    "9": lambda tongue, known: _menu(tongue, 1),
}


def agent(asked: Question) -> Answer:
    """After the agent: goodbye if they talked, else the mailbox."""
    tongue = language(asked)
    status = asked.any_of("DialCallStatus")
    if status == "completed":
        return response(*_goodbye(tongue))
    return response(*_message(tongue, "busy" if status == "busy" else "no_answer"))


def saved(asked: Question) -> Answer:
    """After the recording. Kazoo's upload of the file itself is the PUT of `upload`."""
    tongue = language(asked)
    seconds = asked.any_of("RecordingDuration", "Recording-Duration")
    if not seconds.isdecimal() or int(seconds) < SHORTEST_MESSAGE_S:
        return response(say(text("nothing_heard", tongue), tongue), *_goodbye(tongue))
    return response(say(text("saved", tongue, seconds=seconds), tongue), *_goodbye(tongue))


def upload(asked: Question) -> Answer:
    """Take a recording, or a call record that is posted to a cdr_url."""
    return Answer(body=b"taken\n", content_type="text/plain", status=201 if asked.method == "PUT" else 200)


ROUTES: Final[dict[str, Route]] = {
    "/twiml/welcome.xml": welcome,
    "/twiml/account.xml": account,
    "/twiml/check.xml": check,
    "/twiml/choice.xml": choice,
    "/twiml/agent.xml": agent,
    "/twiml/saved.xml": saved,
    "/twiml/cdr": upload,
}
RECORDINGS: Final = "/twiml/saved.xml/"
"""Below this, Kazoo puts recordings: the URL of the verb's action and the file's name."""
