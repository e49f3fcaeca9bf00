"""What a cassette says of its call under ``metadata.pivotkit``, so that it is a whole test case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from pivotkit.caller import Account, Caller, Expect, World
from pivotkit.cassette import FORMAT, Cassette
from pivotkit.errors import CassetteError, PivotkitError, UsageError
from pivotkit.executor.setup import Setup
from pivotkit.kazoo.flow import Callflow
from pivotkit.kazoo.profiles import profile
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.webhook import Webhook
from pivotkit.records import json_form, reading
from pivotkit.records.trace import CallRecord
from pivotkit.version import VERSION

_NO_FACTS: Final = Account()
_LIMITS: Final = frozenset(each.name for each in fields(Limits))
_USUAL_LIMITS: Final = Limits()


KEYS: Final = frozenset(
    {
        "format", "pivotkit", "call_id", "index", "started_at", "target", "profile", "settings", "caller", "account",
        "pressed", "expect", "seed", "result", "imported", "redacted",
    }
)  # fmt: skip
"""What is said of one call. Any other key is somebody else's, and outlives a new recording."""


def metadata(
    setup: Setup, record: CallRecord, world: World, expect: Expect | None, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The test case that a call was, as JSON: who was called how, and what came of it."""
    form: dict[str, Any] = {
        "format": FORMAT,
        "pivotkit": VERSION,
        "call_id": record.call_id,
        "index": record.index,
        "started_at": record.started_at.isoformat() if record.started_at is not None else None,
        "target": _target(setup),
        "profile": setup.profile.name,
        # Of the limits those that aren't at their defaults.
        "settings": {**json_form.to_json(setup.limits), **_reports(setup), **settings},
        "caller": record.caller,
        "account": world.looked_up.to_dict(),
        "pressed": list(record.pressed),
        "expect": expect.to_dict() if expect is not None else None,
        "seed": setup.seed,
        "result": result(record),
    }
    return {name: value for name, value in form.items() if value not in (None, {})}


def result(record: CallRecord) -> dict[str, Any]:
    """What came of a call, in short: what a replay is compared with."""
    return {
        "outcome": reading.outcome(record),
        "ended": record.end.ended,
        "route": reading.route(record),
        "pivots": [
            {
                name: value
                for name in ("outcome", "cause", "branch", "after")
                if (value := getattr(pivot, name)) not in (None, "")
            }
            for pivot in record.pivots
        ],
        "heard": list(reading.heard_texts(record)),
    }


def _target(setup: Setup) -> dict[str, Any]:
    form = {"name": setup.target, "flow": setup.flow.to_dict(), "file": setup.flow.file, "sha256": setup.flow.sha256}
    return {name: value for name, value in form.items() if value is not None}


def _reports(setup: Setup) -> dict[str, Any]:
    """Who is told of a call beside its server, where anybody is."""
    form: dict[str, Any] = {}
    if setup.webhook is not None:
        form["webhook"] = json_form.to_json(setup.webhook)
    if setup.upload_recordings:
        form["upload_recordings"] = True
    return form


def setup_of(cassette: Cassette) -> tuple[Setup, Caller, Expect | None]:
    """The test case that a cassette holds.

    Raises:
        CassetteError: it was not recorded by pivotkit, or what it says can't be read.
    """
    form, path = cassette.metadata, str(cassette.path or "")
    if "target" not in form:
        raise CassetteError(
            "holds no call of pivotkit's, only requests and answers: name the target too "
            "(PivotExecutor(target, record='none').call(cassette=…))",
            path,
        )
    try:
        target, settings = form["target"], form.get("settings", {})
        flow = _read_flow(target)
        setup = Setup(
            flow=flow,
            target=target.get("name", ""),
            profile=profile(form.get("profile", "docs")),
            limits=_read_limits(settings),
            account=Account.from_dict(form["account"]) if "account" in form else _NO_FACTS,
            seed=form.get("seed"),
            webhook=_read_webhook(settings.get("webhook")),
            upload_recordings=settings.get("upload_recordings", False) is True,
        )
        expect = form.get("expect")
        return setup, Caller.from_dict(form.get("caller", {})), None if expect is None else Expect.from_dict(expect)
    except PivotkitError as error:
        raise CassetteError(f"metadata.pivotkit: {error}", path) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CassetteError(f"metadata.pivotkit is damaged: {type(error).__name__}: {error}", path) from error


def _read_flow(form: Mapping[str, Any]) -> Callflow:
    root = form.get("flow")
    if not isinstance(root, Mapping):
        raise UsageError(f"target.flow: a node of a callflow is wanted, not {root!r:.40}; record the call again")
    return Callflow(root=root, file=form.get("file"), sha256=form.get("sha256"))


def _read_limits(form: Mapping[str, Any]) -> Limits:
    given = {name: value for name, value in form.items() if name in _LIMITS}
    return json_form.from_json(Limits, given) if given else _USUAL_LIMITS


def _read_webhook(form: Mapping[str, Any] | None) -> Webhook | None:
    return None if form is None else json_form.from_json(Webhook, form)
