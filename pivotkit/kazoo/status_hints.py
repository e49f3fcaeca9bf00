"""Where a web developer should look when an answer's status, or its redirect, is the failure."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo.exchange import Asked

_BY_CAUSE: Final = {
    "bad_location": "send a Location that is a path, or a whole http(s):// URL with special characters as %XX",
    "retry_after": "Kazoo's client repeats a 503 with a short Retry-After for ever: answer 200 with a Pause and a "
    "Redirect, or leave Retry-After out",
}
_CSRF: Final = "if the framework wants a CSRF token, exempt this route: Kazoo sends none, and keeps no cookies"
_BY_STATUS: Final = {
    201: "answer with status 200, not 201 Created",
    204: "answer with status 200 and a document: <Response><Hangup/></Response> or a hangup action ends a call",
    400: "does this port want https://? Else look at what the server asks of its requests: Kazoo sends no Accept "
    "and no User-Agent",
    401: "Kazoo sends a user and password only if they stand in voice_url: https://user:password@host/",
    403: _CSRF,
    404: "check the path of voice_url against the server's routes, a slash at its end included",
    405: "the route doesn't take this method: set the action's method, or the verb's (TwiML's verbs say POST)",
    413: "the server limits the size of a request too tightly",
    414: "the call's parameters make the URL too long for the server: set the action's method to post",
    415: "the route wants another request format: see req_body_format (form or json)",
    419: _CSRF,
    422: "the route wants other fields: Kazoo's are named as req_format says (kazoo or twiml)",
    429: "exempt Kazoo from the server's rate limit",
    502: "the proxy in front of the server got no answer from it: look in both logs",
    503: "the server is overloaded or not up: look in its log",
    504: "the proxy in front of the server waited too long for it: do slow work after the answer",
}
_BY_STATUS_LATER: Final = {
    404: "check the URL that the verb asks for against the server's routes; write it whole: Kazoo puts relative ones "
    "together in its own way",
}
"""What differs where TwiML asked, not the pivot action."""


def status_hint(asked: Asked, *, later: bool = False) -> str:
    """What to mend; "" where nothing better than the outcome's usual hint is known.

    Args:
        asked: what came of asking the server.
        later: it was a follow-up request of TwiML.

    >>> from pivotkit.records.http import HttpResponse, HttpResult
    >>> status_hint(Asked(result=HttpResult(response=HttpResponse(status=419))))
    'if the framework wants a CSRF token, exempt this route: Kazoo sends none, and keeps no cookies'
    """
    by_status = _BY_STATUS | _BY_STATUS_LATER if later else _BY_STATUS
    return _BY_CAUSE.get(asked.cause) or by_status.get(asked.status or 0, "")
