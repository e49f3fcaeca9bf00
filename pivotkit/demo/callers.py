"""The calls that the demo makes, as data. Scripts and parties are in pivotkit's own small grammar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pivotkit.demo.kazoo_ivr import MAILBOX, node

NO_SERVER: Final = "http://127.0.0.1:9/ivr"
"""Nothing answers at this port (discard), unless somebody took pains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    """One call: where it goes, who calls, and what they and the others do."""

    name: str
    path: str  # on the example server, or a whole URL
    press: tuple[str, ...] = ()  # one entry a collection or recording, as in ``Caller(press=…)``
    parties: Mapping[str, str] = field(default_factory=dict)  # who is dialled → what they do
    phone: str = "+14155550100"
    caller: str = "Jane Roe"
    method: str = "get"
    body_format: str = "form"
    timeout_ms: int | None = None
    cdr: bool = False  # ask for the call record
    heard: str = ""  # what has to be heard, where something is expected of the call

    @property
    def group(self) -> str:
        """kazoo, twiml or broken: which part of the server is called."""
        return self.path.split("/")[1] if self.path.startswith("/") else "broken"

    @property
    def req_format(self) -> str:
        """The style of the request's parameters."""
        return "twiml" if ".xml" in self.path or ".php" in self.path else "kazoo"

    def flow(self, origin: str) -> dict[str, Any]:
        """The callflow that is called: a pivot action, and a mailbox for when it fails."""
        data: dict[str, Any] = {"voice_url": self.path if "://" in self.path else f"{origin}{self.path}"}
        data |= {"method": self.method, "req_format": self.req_format, "req_body_format": self.body_format}
        data |= {"req_timeout_ms": self.timeout_ms} if self.timeout_ms else {}
        data |= {"cdr_url": f"{origin}/twiml/cdr"} if self.cdr else {}
        mailbox = node("voicemail", {"id": MAILBOX["en"]})
        sorry = "We are sorry, our menu is out of order. Please leave a message."
        return node("pivot", data, {"_": node("tts", {"text": sorry}, {"_": mailbox})})


def _kazoo(name: str, *press: str, **more: Any) -> DemoCall:
    return DemoCall(name=name, path="/kazoo/welcome", press=press, **more)


def _twiml(name: str, *press: str, **more: Any) -> DemoCall:
    return DemoCall(name=name, path="/twiml/welcome.xml", press=press, **({"method": "post"} | more))


def _broken(place: str, *press: str, **more: Any) -> DemoCall:
    return DemoCall(name=place.split(".")[0], path=f"/broken/{place}", press=press, **more)


def _to_mailbox(place: str, **more: Any) -> DemoCall:
    """Kazoo takes the branch `_`, and the caller leaves a message."""
    return _broken(place, "rec:6 hangup", **more)


_CLAIRE: Final = {"phone": "+14155550103", "caller": "Claire Dubois"}
_BAKERY: Final = {"phone": "+14155550109", "caller": "Bayside Bakery"}
_LUC: Final = {"phone": "+14155550106", "caller": "Luc Martin"}

DEMO_CALLS: Final[tuple[DemoCall, ...]] = (
    _kazoo("balance", "1", "100234#", "1", "hangup", heard="Your balance is 124 euros and 50 cents"),
    _kazoo("balance-post", "1", "100862#", "1", method="post", heard="Your balance is 89 euros and 5 cents"),
    _kazoo("balance-json", "1", "101433#", "1", method="post", body_format="json", heard="credit of 15 euros"),
    _kazoo(
        "balance-french", "2", "101190#", "1", "hangup", **_CLAIRE, heard="Votre solde est de 231 euros et 99 centimes"
    ),
    _kazoo("says-no-language", "-", "102318#", "1", **_LUC, heard="Votre solde est de 67 euros"),
    _kazoo(
        "owes-nothing",
        "2",
        "100517#",
        "1",
        "hangup",
        phone="+14155550101",
        caller="Omar Haddad",
        heard="solde est de zéro",
    ),
    _kazoo("second-try", "1", "999999#", "100234#", "1", heard="Hello Jane Roe"),
    _kazoo("third-try-fails", "1", "1#", "22#", "333#", parties={"user:agent-desk": "answer:95"}),
    _kazoo("menu-again", "1", "104126#", "9", "7", "1", "hangup", heard="Your balance is 33 euros"),
    _kazoo("agent", "1", "100234#", "2", parties={"user:agent-desk": "answer:240@6"}),
    _kazoo("agent-busy", "1", "100234#", "2", "rec:14#", parties={"user:agent-desk": "busy"}),
    _kazoo("agent-out", "1", "102075#", "2", "rec:9 hangup", parties={"user:agent-desk": "no-answer"}),
    _kazoo("priority", "1", "103888#", "2", **_BAKERY, parties={"device:priority-desk": "answer:60@2"}),
    _kazoo("priority-busy", "1", "103888#", "2", **_BAKERY, parties={"device:priority-desk": "busy"}),
    _kazoo("message", "1", "102944#", "3", "rec:21#", method="post"),
    _kazoo("silent"),
    _kazoo("gives-up", "1", "hangup@25s"),
    _kazoo("barred", phone="+14155550199", caller="Cold Caller"),
    _twiml("twiml-balance", "1", "100234#", "1", "hangup", heard="Your balance is 124 euros and 50 cents"),
    _twiml("twiml-french", "2", "104790#", "1", method="get", heard="Votre solde est de 150 euros et 80 centimes"),
    _twiml("twiml-second-try", "1", "999999#", "102944#", "1", heard="Your balance is 10 euros and 20 cents"),
    _twiml("twiml-agent", "1", "100234#", "2", parties={"+14155550142": "answer:180@8"}, cdr=True),
    _twiml("twiml-agent-busy", "1", "100234#", "2", "rec:12#", parties={"+14155550142": "busy"}, heard="12 seconds"),
    _twiml("twiml-agent-out", "1", "100234#", "2", "rec:7 hangup", parties={"+14155550142": "no-answer"}),
    _twiml("twiml-message", "1", "103507#", "3", "rec:18#", heard="Your message of 18 seconds is saved"),
    _twiml("twiml-silent"),
    _twiml("twiml-barred", phone="+14155550199", caller="Cold Caller"),
    _to_mailbox("maintenance-page"),
    _to_mailbox("typo"),
    _to_mailbox("wrong-type"),
    _to_mailbox("wrapped"),
    _to_mailbox("trailing-comma"),
    _to_mailbox("php-notice"),
    _to_mailbox("text-plain"),
    _to_mailbox("latin-1"),
    _to_mailbox("empty"),
    _to_mailbox("crash"),
    _to_mailbox("behind-login"),
    _to_mailbox("slow", timeout_ms=400),
    _to_mailbox("drip", timeout_ms=400),
    _to_mailbox("half"),
    _broken("session.php", "1", method="post"),
    _broken("enqueue.xml"),
    _broken("alice.xml"),
    _to_mailbox("unclosed.xml"),
    _broken("later-500.xml", "1"),
    _broken("endless.xml"),
    DemoCall(name="nobody-there", path=NO_SERVER, press=("rec:6 hangup",)),
)
