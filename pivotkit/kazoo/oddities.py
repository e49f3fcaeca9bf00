"""What is odd about a request that is about to go out: quirks of the version, and what pivotkit does better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.building import ignored_headers
from pivotkit.kazoo.encoding import Member, odd_names
from pivotkit.kazoo.params import hides_digits
from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.state import CallState, PivotState
from pivotkit.kazoo.urls import joins_differently
from pivotkit.records.effects import Script
from pivotkit.records.http import HttpRequest


def tell_oddities(call: CallState, pivot: PivotState, params: Sequence[Member], request: HttpRequest) -> Script[None]:
    """Warn of what is odd about a request, once a pivot action."""
    where = f"pivot {pivot.number}"
    for name in _quirks(call, pivot, params, request):
        yield from tell_quirk(call, name, where)
    if not call.profile.raw_names:
        for name in odd_names(params):
            message = f"the parameter name {name!r} is sent encoded; Kazoo sends it raw, which no URL can hold"
            yield from talk.warn(call, "encoded_name", where, message)
    if call.profile.custom_headers and (ignored := ignored_headers(request, pivot.data)):
        message = f"Kazoo's client has headers of its own in place of {', '.join(ignored)}"
        yield from talk.warn(call, "header_ignored", where, message)


def _quirks(call: CallState, pivot: PivotState, params: Sequence[Member], request: HttpRequest) -> Iterator[str]:
    """Names of the quirks that this request shows."""
    profile, is_get = call.profile, request.method == "GET"
    if hides_digits(call, pivot):
        yield "stale_digits"
    if profile.empty_digits and pivot.digits_collected == "" and ("Digits", "") in params:
        yield "empty_digits"
    if profile.cuts_get_urls and is_get and joins_differently(pivot.voice_url):
        yield "cut_get_url"
    is_form = is_get or pivot.data.get("req_body_format") != "json"
    if profile.empty_segments and is_form and any(_leaves_empty_piece(value) for _, value in params):
        yield "empty_segments"


def _leaves_empty_piece(value: Any) -> bool:
    if isinstance(value, dict):
        return not value or any(map(_leaves_empty_piece, value.values()))
    return isinstance(value, list) and not value
