"""Would a recording replay as its call went, once its secrets are taken out?"""

from __future__ import annotations

from dataclasses import replace

from pivotkit.cassette import Cassette, ReplayTransport
from pivotkit.errors import PivotkitError
from pivotkit.executor.differences import differences
from pivotkit.executor.metadata import result, setup_of
from pivotkit.executor.simulate import simulate
from pivotkit.records.trace import Warning


def rehearsed(cassette: Cassette) -> tuple[Warning, ...]:
    """A warning where the recording, as its redactor leaves it, would end otherwise; nothing where nothing is hidden.

    So it is with a secret that is keyed into several collections: each takes a part, which is no secret's value.
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
    message = (
        f"without its secrets this recording does not replay as the call went ({found[0]}): declare each part of a "
        "secret that is keyed in parts; a flow that decides by a phone number needs the real one"
    )
    return (Warning(id="replay_differs", where=str(cassette.path or "cassette"), message=message),)
