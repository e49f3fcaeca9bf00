"""Endpoints that are broken in ways that happen in life. The docstring of each says what went wrong: see `story`."""

from __future__ import annotations

import json
from typing import Final

from pivotkit.demo.kazoo_ivr import flow, node, say
from pivotkit.demo.twiml_ivr import response, verb
from pivotkit.demo.twiml_ivr import say as say_verb
from pivotkit.demo.web import Answer, Question, Route

SLOW_S: Final = 1.2
"""How long the slow endpoint thinks. Callers who wait for less meet a timeout."""

_GOOD: Final = flow(say("Your parcel is on its way.", "en", node("hangup", {})))


def maintenance_page(asked: Question) -> Answer:
    """A reverse proxy shows its maintenance page, with status 200."""
    page = (
        "<!DOCTYPE html>\n<html><head><title>We will be back</title></head>\n"
        "<body><h1>Down for maintenance</h1><p>Please come back in an hour.</p></body></html>\n"
    )
    return Answer(body=page.encode(), content_type="text/html; charset=utf-8")


def typo(asked: Question) -> Answer:
    """A module's name is misspelt, deep in the flow."""
    return flow(say("One moment, please.", "en", node("paly", {"id": "music-on-hold"})))


def wrong_type(asked: Question) -> Answer:
    """A number is sent as text."""
    return flow(say("Enter your PIN.", "en", node("collect_dtmf", {"max_digits": "4", "collection_name": "pin"})))


def wrapped(asked: Question) -> Answer:
    """The flow is wrapped as in Kazoo's own API, where Pivot wants the bare node."""
    return flow({"flow": json.loads(_GOOD.body)})


def trailing_comma(asked: Question) -> Answer:
    """The JSON was written by hand: a comma too many."""
    return Answer(
        body=b'{\n  "module": "tts",\n  "data": {"text": "Your parcel is on its way.",},\n  "children": {}\n}\n'
    )


def php_notice(asked: Question) -> Answer:
    """PHP prints a warning in front of the JSON."""
    notice = b'<b>Warning</b>: Undefined array key "Digits" in <b>/var/www/ivr/menu.php</b> on line <b>31</b><br />\n'
    return Answer(body=notice + _GOOD.body)


def text_plain(asked: Question) -> Answer:
    """The flow is right, its content type isn't."""
    return Answer(body=_GOOD.body, content_type="text/plain")


def latin1(asked: Question) -> Answer:
    """The text comes from a database that isn't UTF-8."""
    return Answer(body='{"module": "tts", "data": {"text": "Le café est ouvert."}, "children": {}}'.encode("latin-1"))


def empty(asked: Question) -> Answer:
    """The script died without a word: status 200 and nothing else."""
    return Answer(body=b"")


def crash(asked: Question) -> Answer:
    """The application raised an exception."""
    page = b"<h1>Internal Server Error</h1>\n<pre>KeyError: 'Digits'\n  File \"ivr/views.py\", line 88, in menu</pre>\n"
    return Answer(body=page, content_type="text/html", status=500)


def login(asked: Question) -> Answer:
    """Somebody put the IVR behind the login of the intranet."""
    if asked.path.endswith("/login"):
        form = (
            b"<!DOCTYPE html>\n<title>Intranet</title>\n<form>User <input name='user'> <button>Log in</button></form>\n"
        )
        return Answer(body=form, content_type="text/html")
    return Answer(body=b"", content_type=None, status=302, headers=(("Location", "/broken/behind-login/login"),))


def slow(asked: Question) -> Answer:
    """The database takes longer than the caller's patience."""
    return Answer(body=_GOOD.body, delay_s=SLOW_S)


def drip(asked: Question) -> Answer:
    """The answer comes, a few bytes at a time."""
    return Answer(body=_GOOD.body, piece=len(_GOOD.body) // 10)


def half(asked: Question) -> Answer:
    """The worker is killed while it answers."""
    return Answer(body=_GOOD.body, cut_at=len(_GOOD.body) // 2)


def session(asked: Question) -> Answer:
    """What the caller chose is kept in a PHP session; Kazoo keeps no cookies, so each request starts one."""
    if "PHPSESSID" not in asked.cookies:
        words = say_verb("Welcome. For opening hours, press 1.", "en")
        gather = verb("Gather", "", words, action="session.php", numDigits="1")
        fresh = response(gather, say_verb("Your session has expired.", "en"))
        cookie = ("Set-Cookie", "PHPSESSID=k3f9a1c27d; path=/")
        return Answer(body=fresh.body, content_type=fresh.content_type, headers=(cookie,))
    return response(say_verb("We are open from nine to five.", "en"), verb("Hangup"))


def enqueue(asked: Question) -> Answer:
    """TwiML that another platform takes: Kazoo has no Enqueue."""
    return response(say_verb("Please wait for the next agent.", "en"), verb("Enqueue", "support"))


def alice(asked: Question) -> Answer:
    """A voice of another platform."""
    return response(verb("Say", "Hello, how are you?", voice="alice", language="en-US"))


def unclosed(asked: Question) -> Answer:
    """XML put together from strings: a tag stays open."""
    return Answer(body=b"<Response><Say>Tea & biscuits</Response>\n", content_type="text/xml")


def later_crash(asked: Question) -> Answer:
    """The first page works, the one behind the key press doesn't."""
    if asked.digits("default"):
        return crash(asked)
    gather = verb("Gather", "", say_verb("For news, press 1.", "en"), action="later-500.xml", numDigits="1")
    return response(gather, say_verb("Goodbye.", "en"))


def endless(asked: Question) -> Answer:
    """No key, ask again, no key, ask again: nobody thought of a caller who is silent."""
    words = say_verb("Press 1 to go on.", "en")
    return response(verb("Gather", "", words, action="endless.xml", numDigits="1", timeout="3"), verb("Redirect"))


ROUTES: Final[dict[str, Route]] = {
    "/broken/maintenance-page": maintenance_page,
    "/broken/typo": typo,
    "/broken/wrong-type": wrong_type,
    "/broken/wrapped": wrapped,
    "/broken/trailing-comma": trailing_comma,
    "/broken/php-notice": php_notice,
    "/broken/text-plain": text_plain,
    "/broken/latin-1": latin1,
    "/broken/empty": empty,
    "/broken/crash": crash,
    "/broken/behind-login": login,
    "/broken/behind-login/login": login,
    "/broken/slow": slow,
    "/broken/drip": drip,
    "/broken/half": half,
    "/broken/session.php": session,
    "/broken/enqueue.xml": enqueue,
    "/broken/alice.xml": alice,
    "/broken/unclosed.xml": unclosed,
    "/broken/later-500.xml": later_crash,
    "/broken/endless.xml": endless,
}


def story(path: str) -> str:
    """What went wrong at that path, in a sentence; empty where nothing did.

    >>> story("/broken/empty")
    'The script died without a word: status 200 and nothing else.'
    """
    return (ROUTES[path].__doc__ or "") if path in ROUTES else ""
