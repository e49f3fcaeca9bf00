"""A call in one sentence, for people who never heard of an outcome catalogue, and what to mend where it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from pivotkit.kazoo.catalogue import BY_ID, plain
from pivotkit.kazoo.flow_advice import AN_ACTION
from pivotkit.kazoo.parting import parting
from pivotkit.records import reading
from pivotkit.records.http import Exchange
from pivotkit.records.trace import CallRecord, Failure, PivotRecord

LONGEST_MESSAGE: Final = 160  # characters of a message that a verdict quotes

HEADS: Final[Mapping[str, str]] = {
    "ok": "OK",
    "no_pivot": "NO PIVOT",
    "caller_left": "CALLER LEFT",
    "voicemail": "VOICEMAIL (branch _)",
    "fallback": "FALLBACK (branch _)",
    "hangup": "HANG-UP",
    "silence": "SILENCE",
    "stopped": "STOPPED",
}
"""What became of the call, as `symptom` names it, and the word that a verdict begins with."""

_CALLER_LEFT: Final = frozenset({"caller_gone_before_request", "caller_hung_up_during_request", "media_hangup"})

# What a verdict says of an outcome; others: the catalogue's plain words and the failure's message.
_SAYS: Final[Mapping[str, str]] = {
    "flow_taken_over": "the server's callflow ran",
    "twiml_ended": "the server's TwiML ran",
    "blacklisted_host": "Kazoo refuses the host {host} (blacklist)",
    "dns_failure": "the server's name was not found: {host}",
    "connect_refused": "nothing answers at {host}",
    "connect_timeout": "no connection to {host}{within}",
    "tls_failure": "no secure connection to {host}: {message}",
    "read_timeout": "no complete answer from {host}{within}",
    "connection_reset": "the connection to {host} broke before the answer was complete",
    "http_client_error": "the server refused the request: {status} from {url}",
    "http_server_error": "the server reported an error of its own: {status} from {url}",
    "unexpected_status": "{status} from {url}, but Kazoo only takes 200 and 206",
    "unknown_content_type": "{status} {type} where Kazoo wants {wanted}",
    "empty_body": "the answer of {url} is empty",
    "module_not_simulated": "{message}",
    "too_many_steps": "{message}",
    "too_deep": "{message}",
    "aborted": "{message}",
    "script_misfit": "the caller's script doesn't fit: {message}",
}

MEND: Final[Mapping[str, str]] = {
    "invalid_action": "correct the pivot action's data: it is checked before any request is sent",
    "blacklisted_host": "use a host that is not on Kazoo's blacklist, or have it taken off",
    "pivot_unavailable": "start Kazoo's pivot application; in a simulation take pivot:unavailable out of the script",
    "malformed_url": "write an absolute http:// or https:// URL, with blanks and other special characters encoded",
    "dns_failure": "check the host in voice_url; Kazoo has to resolve it too, not only your machine",
    "connect_refused": "start the server, and check host and port in voice_url",
    "connect_timeout": "check that a firewall lets Kazoo reach the server's host and port",
    "tls_failure": "check the certificate (chain, name, date), and that the port speaks TLS",
    "not_http": "check the port: a TLS port wants https:// in voice_url",
    "read_timeout": "answer sooner (do slow work after the answer), or raise req_timeout_ms",
    "connection_reset": "look for a crash in the server's log; Content-Length must match the body",
    "redirect_refused": "answer with the document itself, or with a 301, 302 or 303 that has a Location",
    "redirect_loop": "answer with the document itself: Kazoo follows five redirects",
    "http_client_error": "check path and method of voice_url against the server's routes",
    "http_server_error": "look in the server's log for this request",
    "unexpected_status": "answer with status 200",
    "unknown_content_type": "send a callflow as application/json, or TwiML as text/xml",
    "invalid_charset": "encode the answer as UTF-8, uncompressed",
    "response_too_large": "send a smaller answer",
    "empty_body": "send a callflow, or a <Response>, in the body",
    "invalid_json": "make the answer with a JSON library, and nothing before or after the object",
    "invalid_flow": f"send one object with module, data and children, such as {AN_ACTION}",
    "twiml_syntax_error": "make the answer with an XML library; its root is <Response>",
    "twiml_empty": "put a verb into <Response>, <Hangup/> at least",
    "unknown_verb": "use Kazoo's verbs only: its TwiML is a part of Twilio's",
    "twiml_verb_error": "use only attribute values that Kazoo takes",
    "unsupported_noun": "dial a number, User, Device or Conference",
    "too_many_requests": "let the Redirects or Gathers come to an end, or raise max_requests",
    "too_deep": "send a flatter answer",
    "host_not_allowed": "name the host in allow_hosts if it may be asked",
    "module_not_simulated": "give the module skip_module: true to walk past it",
    "too_many_steps": "look for a loop, or raise max_steps",
    "not_recorded": "record the call again (record mode all or new_episodes)",
    "aborted": "make the call again",
    "script_misfit": "correct this caller's script",
}
"""What to mend, by outcome id or cause, where the failure itself brings no hint."""


def hint(failure: Failure) -> str:
    """What to mend: the failure's own hint, else the usual one of its kind, or of its cause where that tells more."""
    return failure.hint or MEND.get(_what_failed(failure), "")


def symptom(record: CallRecord) -> str:
    """What became of the call: a key of `HEADS`. ``voicemail`` and ``fallback`` are both the ``_`` branch."""
    if reading.in_silence(record):
        return "silence"
    failure = reading.failure(record)
    if failure is None:
        outcome = reading.outcome(record)
        return "no_pivot" if outcome == "no_pivot" else "caller_left" if outcome in _CALLER_LEFT else "ok"
    pivot = reading.deciding_pivot(record)
    if pivot is None or pivot.after == "stop":
        return "stopped"
    if pivot.branch != "_" or pivot.branch_exists is False:
        return "hangup"
    return "voicemail" if "voicemail" in modules_after(record, pivot) else "fallback"


def modules_after(record: CallRecord, pivot: PivotRecord) -> tuple[str, ...]:
    """The modules that ran between this pivot action and the next one: what its ``_`` branch led to."""
    modules: list[str] = []
    seen = 0
    for step in reading.steps_in_order(record):
        seen += step.module == "pivot"
        if seen > pivot.pivot:
            break
        if seen == pivot.pivot and step.module != "pivot":
            modules.append(step.module)
    return tuple(modules)


def verdict(record: CallRecord) -> str:
    """The call in one sentence: what became of it in capitals, then why.

    Where the record's fates are worked out and differ, what the other profiles do stands behind it in brackets.

    >>> verdict(CallRecord(call_id="a"))
    'NO PIVOT: the flow ended without asking a server; call ended after 0 s'
    """
    parted = parting(record.profile, record.fates)
    return f"{_sentence(record)} [{parted}]" if parted else _sentence(record)


def _sentence(record: CallRecord) -> str:
    kind = symptom(record)
    failure = reading.failure(record)
    if failure is not None:
        return f"{_head(record, kind)}: {explain(record, failure)}{_SILENT if kind == 'silence' else ''}"
    outcome = reading.outcome(record)
    said = _SAYS.get(outcome) or plain(outcome) or outcome
    if kind == "silence":
        return f"{HEADS[kind]}: {said}{_SILENT}"
    if kind == "caller_left":
        return f"{HEADS[kind]}: {said}, after {seconds(reading.call_s(record))}"
    return f"{HEADS[kind]}: {said}; {_story(record)}"


_SILENT: Final = "; nobody ends the call, and the caller hears nothing"


def _head(record: CallRecord, kind: str) -> str:
    pivot = reading.deciding_pivot(record)
    if kind == "hangup" and pivot is not None and pivot.branch_exists is False:
        return f"{HEADS[kind]} (there is no branch _)"
    return HEADS[kind]


# ── a failure in words ──────────────────────────────────────────────────────────────────────────


def explain(record: CallRecord, failure: Failure) -> str:
    """Why it failed, without what became of the call: "the server's name was not found: ivr.example"."""
    what = _what_failed(failure)
    words = plain(what) or what.replace("_", " ")
    facts = _facts(record, failure)
    told = "{plain}: {message}" if facts["message"] else "{plain}"
    template = "{message}" if _is_the_proxys(failure) else _SAYS.get(what, told)
    said = template.format(plain=words, **facts) or words
    return f"a follow-up request failed: {said}" if failure.kind == "later_request_failed" else said


def _is_the_proxys(failure: Failure) -> bool:
    """Did a proxy in front of the server fail? Its message tells; the server has done nothing wrong."""
    return (failure.cause or "").startswith("proxy")


def _what_failed(failure: Failure) -> str:
    tells = failure.cause in BY_ID if failure.kind == "later_request_failed" else failure.cause == "script_misfit"
    return failure.cause if tells and failure.cause else failure.kind


def _facts(record: CallRecord, failure: Failure) -> dict[str, str]:
    pivot = next((pivot for pivot in record.pivots if pivot.failure is failure), None)
    exchange = next((exchange for exchange in record.exchanges if exchange.seq == failure.seq), None)
    url = failure.url or (pivot.voice_url if pivot is not None else "")
    content_type = pivot.content_type if pivot is not None else None
    return {
        "host": _host(url),
        "url": _clip(url.partition("?")[0]) or "the server",
        "status": str(failure.status) if failure.status is not None else "an answer",
        "type": _clip(content_type.partition(";")[0]) if content_type else "without a Content-Type",
        "wanted": "text/xml" if record.req_format == "twiml" else "application/json",
        "message": _clip(failure.message),
        "within": _within(exchange),
    }


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "the server"
    except ValueError:  # a bracket without its pair: not every voice_url is a URL
        return "the server"


def _within(exchange: Exchange | None) -> str:
    timeout = exchange.request.timeout_ms if exchange is not None else None
    if timeout is None:
        return " within the timeout"
    return f" within {timeout:.0f} ms" if timeout < 1000 else f" within {timeout / 1000:g} s"


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


# ── a call that went well, in words ─────────────────────────────────────────────────────────────


def _story(record: CallRecord) -> str:
    done = [part for part in (_heard(record), _pressed(record), _reached(record)) if part]
    listed = " and ".join([", ".join(done[:-1]), done[-1]] if len(done) > 1 else done)
    return f"the caller {listed}; {_ending(record)}" if listed else _ending(record)


def _heard(record: CallRecord) -> str:
    prompts = sum(1 for heard in record.heard if heard.medium in ("tts", "play"))
    return f"heard {prompts} prompt{'s' if prompts != 1 else ''}" if prompts else ""


_NO_KEYS: Final = ("-", "rec:", "hangup")  # what a script's entry begins with that presses nothing


def _pressed(record: CallRecord) -> str:
    keys = [keys for keys in record.pressed if not keys.startswith(_NO_KEYS) and keys]
    more = ", …" if len(keys) > 3 else ""
    return f"pressed {', '.join(keys[:3])}{more}" if keys else ""


def _reached(record: CallRecord) -> str:
    talks = list(dict.fromkeys(party(heard.prompt) for heard in record.heard if heard.medium == "talk"))
    if talks:
        return f"reached {', '.join(talks[:3])}{', …' if len(talks) > 3 else ''}"
    rung = next((party(heard.prompt) for heard in record.heard if heard.medium == "ringing"), "")
    return f"rang {rung} in vain" if rung else ""


def party(prompt: str) -> str:
    """Who was rung, as one would say it.

    >>> party("user:200"), party("sip:ann@example.com")
    ('user 200', 'sip:ann@example.com')
    """
    kind, colon, name = prompt.partition(":")
    return _clip(f"{kind} {name}" if colon and kind in ("user", "device", "group", "number", "conference") else prompt)


def _ending(record: CallRecord) -> str:
    ended, after = record.end.ended, f"after {seconds(reading.call_s(record))}"
    if ended == "caller_hung_up":
        return f"the caller hung up {after}"
    cause = f" ({ended})" if ended not in ("", "NORMAL_CLEARING", "no_branch") else ""
    return f"call ended {after}{cause}"


def seconds(value: float) -> str:
    """A length of time in few characters.

    >>> seconds(0.0), seconds(3.25), seconds(34.4)
    ('0 s', '3.2 s', '34 s')
    """
    whole = value >= 10 or abs(value - round(value)) < 0.05
    return f"{value:.0f} s" if whole else f"{value:.1f} s"
