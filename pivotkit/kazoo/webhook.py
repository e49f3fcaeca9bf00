"""Kazoo's CHANNEL_DESTROY webhook: how a team learns of a call's end after a JSON callflow (contract, section g).

It is a setting of the account, independent of pivot. Kazoo: ``webhooks_channel_util:format_event``, ``webhooks_util``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pivotkit.errors import UsageError
from pivotkit.kazoo import talk
from pivotkit.kazoo.building import FORM_TYPE, JSON_TYPE
from pivotkit.kazoo.encoding import form_text, json_object
from pivotkit.kazoo.reports import report, warn_of
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.kazoo.urls import get_url, shown
from pivotkit.records.digest import hex_digest
from pivotkit.records.effects import Script

METHODS: Final = ("post", "get", "put")
BODIES: Final = ("form-data", "json")
MOST_RETRIES: Final = 4
PAUSE_S: Final = 2.0
"""Seconds of virtual time between two tries; pivotkit's choice."""

_FROM_EVENT: Final = {
    "call_direction": "Call-Direction",
    "call_id": "Call-ID",
    "caller_id_name": "Caller-ID-Name",
    "caller_id_number": "Caller-ID-Number",
    "custom_application_vars": "Custom-Application-Vars",
    "custom_channel_vars": "Custom-Channel-Vars",
    "from": "From",
    "other_leg_call_id": "Other-Leg-Call-ID",
    "request": "Request",
    "timestamp": "Timestamp",
    "to": "To",
    "hangup_cause": "Hangup-Cause",
    "hangup_code": "Hangup-Code",
    "duration_seconds": "Duration-Seconds",
    "ringing_seconds": "Ringing-Seconds",
    "billing_seconds": "Billing-Seconds",
}
_FROM_CHANNEL_VARS: Final = {
    "account_id": "Account-ID",
    "authorizing_id": "Authorizing-ID",
    "authorizing_type": "Authorizing-Type",
    "owner_id": "Owner-ID",
    "reseller_id": "Reseller-ID",
}
_FLAGS: Final = ("call_forwarded", "emergency_resource_used", "is_internal_leg", "local_resource_used")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the end of a call is told, and how. ``custom_data`` is added, and wins over fields of the same name.

    >>> Webhook("https://hooks.example/kazoo", body="json").hook_id
    'd3b793a780d6ca53c1a8809361c743cd'

    Raises:
        UsageError: a value that Kazoo doesn't have.
    """

    url: str
    method: str = field(default="post", kw_only=True)
    body: str = field(default="form-data", kw_only=True)
    retries: int = field(default=2, kw_only=True)  # tries after the first one, 0 to 4
    custom_data: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    id: str | None = field(default=None, kw_only=True)  # of its document, sent as X-Hook-ID; None: made from the URL

    def __post_init__(self) -> None:
        if not isinstance(self.url, str) or not self.url.lower().startswith(("http://", "https://")):
            raise UsageError(f"webhook {self.url!r}: a URL that begins with http:// or https:// is wanted")
        if self.method not in METHODS:
            raise UsageError(f"webhook method={self.method!r}: choose one of {', '.join(METHODS)}")
        if self.body not in BODIES:
            raise UsageError(f"webhook body={self.body!r}: choose one of {', '.join(BODIES)}")
        if type(self.retries) is not int or not 0 <= self.retries <= MOST_RETRIES:
            raise UsageError(f"webhook retries={self.retries!r}: a number from 0 to {MOST_RETRIES} is wanted")
        if not isinstance(self.custom_data, Mapping):
            raise UsageError(f"webhook custom_data={self.custom_data!r}: a dict is wanted")

    @property
    def hook_id(self) -> str:
        """The id that each delivery carries."""
        return self.id or hex_digest(self.url)[:32]


def payload(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the webhook tells of a channel's last event; what isn't known is left out.

    >>> payload({"Call-ID": "c1", "Hangup-Cause": "NORMAL_CLEARING"})["hangup_cause"]
    'NORMAL_CLEARING'
    """
    channel_vars = event.get("Custom-Channel-Vars", {})
    told: dict[str, Any] = {"hook_event": "channel_destroy"}
    told |= {name: event[key] for name, key in _FROM_EVENT.items() if key in event}
    told |= {name: channel_vars[key] for name, key in _FROM_CHANNEL_VARS.items() if key in channel_vars}
    told |= dict.fromkeys(_FLAGS, False)
    return dict(sorted(told.items()))


def deliver(call: CallState, event: Mapping[str, Any]) -> Script[None]:
    """Tell the call's webhook, if it has one, of the channel's last event; try again where that fails.

    A webhook that can't be told is a row for each try and the warning ``webhook_failed``.
    """
    hook = call.webhook
    if hook is None or not event:
        return
    told = payload(event) | dict(hook.custom_data)
    problem = ""
    for attempt in range(hook.retries + 1):
        if attempt:
            yield from talk.pass_time(call, PAUSE_S, "webhook")
        problem = yield from _try(call, hook, told, attempt + 1)
        if not problem:
            return
    yield from warn_of(call, "webhook_failed", shown(hook.url), problem, f"tried {hook.retries + 1}×")


def _try(call: CallState, hook: Webhook, told: Mapping[str, Any], attempt: int) -> Script[str]:
    url, content_type, body = hook.url, None, ""
    try:
        if hook.method == "get":
            url = get_url(hook.url, form_text(told.items(), call.profile), call.profile)
        elif hook.body == "json":
            content_type, body = JSON_TYPE, json_object(list(told.items()))
        else:
            content_type, body = FORM_TYPE, form_text(told.items(), call.profile)
        raw = body.encode()
    except (KazooCrash, UnicodeEncodeError) as crash:
        return f"the webhook's data can't be encoded: {crash}"
    return (
        yield from report(
            call,
            kind="webhook",
            method=hook.method.upper(),
            url=url,
            with_params=hook.method == "get",
            body=raw,
            content_type=content_type,
            headers={"X-Hook-ID": hook.hook_id},
            timeout_s=call.limits.request_timeout_ms / 1000,
            iteration=attempt,
        )
    )
