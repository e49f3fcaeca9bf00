"""Would a recording replay as its call went, once its secrets are taken out?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pivotkit.cassette import Cassette, Redactor, ReplayTransport, request_key
from pivotkit.errors import PivotkitError
from pivotkit.executor.differences import differences
from pivotkit.executor.metadata import result, setup_of
from pivotkit.executor.simulate import simulate
from pivotkit.records.trace import Warning

_IN_PARTS: Final = (
    "declare each part of a secret that is keyed in parts; a flow that decides by a phone number needs the real one"
)
_STANDS: Final = ", and it still stands in the script (caller.press, pressed)"
_BY_NAME: Final = (
    "{names} was keyed by the caller{stands}; a name hides it in requests only: hide its value instead, everywhere, "
    "with secrets= (--secret), for which it needs three characters at least"
)


def rehearsed(cassette: Cassette) -> tuple[Warning, ...]:
    """A warning where the recording, as its redactor leaves it, would end otherwise; nothing where nothing is hidden.

    So it is with a secret that is keyed into several collections: each takes a part, which is no secret's value. And
    with keys that are hidden by the name that they are sent under: the script still presses them.
    """
    hide = cassette.redactor
    if not hide:
        return ()
    hidden = replace(
        cassette, exchanges=tuple(map(hide.exchange, cassette.exchanges)), metadata=hide.json(cassette.metadata)
    )
    try:
        setup, caller, _ = setup_of(hidden)
        transport = ReplayTransport(hidden, on_missing="outcome")
        record, _ = simulate(setup, caller, transport, call_id=hidden.call_id or "")
        found = differences(hidden.metadata.get("result"), result(record))
    except PivotkitError as error:
        found = (str(error),)
    if not found:
        return ()
    message = f"without its secrets this recording does not replay as the call went ({found[0]}): "
    message += _keyed_by_name(cassette, hide) or _IN_PARTS
    return (Warning(id="replay_differs", where=str(cassette.path or "cassette"), message=message),)


def _keyed_by_name(cassette: Cassette, hide: Redactor) -> str:
    """What is said of keys that are hidden by the name of their field; empty where there are none."""
    pressed = cassette.metadata.get("pressed", ())
    keyed, left = "".join(pressed), "".join(map(hide.text, pressed))
    named = [(name, value) for name, value in _blanked(cassette, hide) if value.strip("#*") and value in keyed]
    if not named:
        return ""
    names = " and ".join(dict(named))
    return _BY_NAME.format(names=names, stands=_STANDS if any(value in left for _, value in named) else "")


def _blanked(cassette: Cassette, hide: Redactor) -> Iterator[tuple[str, str]]:
    """Names and values of the fields that lose their value by their name."""
    by_name = Redactor(names=hide.describe()["names"])
    for exchange in cassette.exchanges:
        before, after = request_key(exchange.request), request_key(by_name.request(exchange.request))
        kept = {*after.query, *after.form, *after.json}
        for name, value in (*before.query, *before.form, *before.json):
            if (name, value) not in kept:
                yield name, value.strip('"')
