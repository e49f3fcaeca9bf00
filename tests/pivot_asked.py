"""What a Pivot request at the end of a flow tells about the call: how earlier modules show in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flow_runs import Told, node, play
from pivotkit.records.http import HttpResult

PIVOT = node("pivot", {"voice_url": "http://ivr.example/"})
GOODBYE = HttpResult.answer('{"module": "hangup", "data": {}}')


def play_to_pivot(flow: Mapping[str, Any], **caller: Any) -> Told:
    """Play a flow that comes to a pivot action, whose server hangs up."""
    return play(flow, GOODBYE, **caller)


def asked(told: Told) -> dict[str, str]:
    """The parameters of the only request."""
    (request,) = told.requests
    return dict(parse_qsl(urlsplit(request.url).query))
