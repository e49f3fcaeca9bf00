"""A Dial of users, devices, SIP addresses and numbers together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.dial_options import Options
from pivotkit.kazoo.twiml.document import Element
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.numbers import normalize
from pivotkit.kazoo.twiml.ringing import after_dial, ring
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Script

_BRIDGE_S: Final = 20  # a bridge's own ring time, where the Dial has no timeout
_SIP_PORT: Final = 5060
_SIP: Final = re.compile(r"<*(?:(?P<scheme>sips?):)?(?P<user>[^@]*)@(?P<host>[^:]+)(?::(?P<port>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """Somebody to ring: as Kazoo's bridge command names it, and as a party."""

    order: dict[str, Any]
    target: str


def ring_group(verb: Verb, nouns: tuple[Element, ...]) -> Script[TwimlEnd | None]:
    """Ring everybody at once, or with ``strategy="single"`` one after the other. Kazoo: kzt_twiml_dial."""
    options = Options.of(verb)
    endpoints = yield from _endpoints(verb, nouns)
    options.store(verb)
    if not endpoints:
        return verb.stop(
            "unsupported_noun",
            "nobody is left to dial: Kazoo passes over unknown ids and nouns",
            hint="Kazoo rings Number, User, Device and Sip; a Conference must stand alone",
        )
    strategy = yield from _strategy(verb, options)
    timeout = read.number(read.get(verb.element.attributes, "timeout"))
    ring_s = _BRIDGE_S if timeout is None else timeout
    order = {
        "Application-Name": "bridge",
        "Endpoints": [endpoint.order for endpoint in reversed(endpoints)],
        "Timeout": ring_s,
        "Ignore-Early-Media": False,
        "Dial-Endpoint-Method": strategy,
    }
    yield from verb.act("command", order)
    targets = tuple(endpoint.target for endpoint in endpoints)
    turns = [(target,) for target in targets] if strategy == "single" else [targets]
    for turn in turns:
        reached = yield from ring(verb, options, turn, ring_s=min(ring_s, options.timeout_s), group=True)
        if reached.result == "answered" or reached.hung_up:
            break
    return (yield from after_dial(verb))


def _strategy(verb: Verb, options: Options) -> Script[str]:
    if options.strategy is None:
        return "simultaneous"
    if verb.call.profile.dial_options_crash:
        yield from verb.quirk("dial_options")
        raise VerbError("Kazoo 4.x dies of a strategy", "leave strategy out")
    if options.strategy not in ("simultaneous", "single"):
        yield from verb.warn("value_ignored", f"strategy={options.strategy!r}: Kazoo has simultaneous and single")
        return "simultaneous"
    return options.strategy


def _endpoints(verb: Verb, nouns: tuple[Element, ...]) -> Script[list[_Endpoint]]:
    """Who is there to be rung, in the document's order."""
    endpoints: list[_Endpoint] = []
    for noun in nouns:
        match noun.name:
            case "Number":
                found = _number(verb, noun.text)
            case "Sip":
                found = _sip(noun.text)
            case "User" | "Device":
                found = yield from _owned(verb, noun)
            case _:
                found = None
        if found is None:
            yield from verb.warn("noun_skipped", f"{noun.name} {noun.text!r} (line {noun.line}) is passed over")
        else:
            endpoints.append(found)
    return endpoints


def _owned(verb: Verb, noun: Element) -> Script[_Endpoint | None]:
    """A user or a device, unless the account is known to lack it."""
    if not noun.text:
        return None
    kind = noun.name.lower()
    known = yield from talk.lookup(kind, noun.text)
    if known is False or (known is None and (yield from talk.lookup("told", kind))):
        yield from verb.warn("not_in_account", f"the account has no {kind} {noun.text!r}")
        return None
    return _Endpoint({noun.name: noun.text}, f"{kind}:{noun.text}")


def _number(verb: Verb, text: str) -> _Endpoint | None:
    """A number: normalised, but not cleaned of blanks and brackets."""
    if not text:
        if verb.call.profile.dial_options_crash:
            raise VerbError("Kazoo 4.x dies of an empty Number among several nouns", "leave the empty Number out")
        return None
    number = normalize(text)
    order = {"call_forward": {"number": number, "require_keypress": False, "substitute": True}}
    return _Endpoint(order, f"number:{number}")


def _sip(text: str) -> _Endpoint | None:
    """A SIP address, perhaps in angle brackets; without ``@`` or host it is none. Kazoo: kzsip_uri.

    Raises:
        VerbError: its port is no number.
    """
    found = _SIP.fullmatch(text)
    if found is None:
        return None
    host, given = found["host"], found["port"]
    if not given:
        host = host.rstrip(">")
    port = _SIP_PORT
    if given and given != ">":
        behind = given.partition(">")[0]
        if not behind:
            return None
        port = _port(text, behind)
    address = f"{found['scheme'] or 'sip'}:{found['user']}@{host}"
    route = address if port == _SIP_PORT else f"{address}:{port}"
    return _Endpoint({"pvt_type": "device", "sip": {"route": route}}, route)


def _port(text: str, given: str) -> int:
    port = read.number(given)
    if port is None:
        raise VerbError(
            f"the port of {text!r} is no number: Kazoo takes {given!r} for it",
            "write sip:user@host:port without parameters",
        )
    return port
