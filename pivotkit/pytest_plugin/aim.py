"""What a marked test calls: URLs, paths on the server under test, flows and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pivotkit.cassette import Cassette, origin_of
from pivotkit.errors import UsageError
from pivotkit.executor import with_urls
from pivotkit.kazoo.flow import Callflow, PivotAction

NOWHERE: Final = "http://pivot.invalid"
"""The server in a replay without a recording, which is going to be refused."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server under test, as far as it is known.

    ``url`` asks for the fixture pivot_url; ``recorded`` is a recording to learn it from where that gives none.
    """

    url: Callable[[], str | None]
    recorded: Path | None
    replay_only: bool

    def base_for(self, path: str) -> str:
        """What stands before a path of the server; for an empty path the whole URL.

        Raises:
            UsageError: nobody says which server it is.
        """
        url = None if self.replay_only else self.url()
        if url is not None:
            return url.rstrip("/") if path else url
        if self.recorded is not None:
            return _recorded_base(Cassette.load(self.recorded), path)
        if self.replay_only:
            return NOWHERE
        raise UsageError(
            "no server to call: name it with --pivot-url, PIVOTKIT_URL or the ini option pivot_url, "
            "override the fixture pivot_url, or mark the test with a whole URL: @pytest.mark.pivot(target='http://…')"
        )


def aimed(target: Any, server: Server, folder: Path) -> Any:
    """The marker's target as `PivotExecutor` takes it.

    Args:
        target: None is the server's own URL, a text that begins with ``/`` a path on it; a ``.json`` file,
            in ``folder``, or a dict is a flow or an action. In those too, a voice_url that begins with ``/`` is
            a path on the server. Anything else stays as it is.
        server: the server under test.
        folder: of the test.

    Raises:
        UsageError: there is no such file, it is no flow, or nobody says which server it is.
    """
    if target is None:
        return server.base_for("")
    if isinstance(target, Path) or (isinstance(target, str) and target.endswith(".json")):
        return _on_server(Callflow.load(folder / target), server)
    if isinstance(target, str) and target.startswith("/"):
        return server.base_for(target) + target
    if isinstance(target, PivotAction):
        return _on_server(Callflow(root=target.to_flow()), server)
    if isinstance(target, Mapping):
        target = Callflow.from_dict(target)
    return _on_server(target, server) if isinstance(target, Callflow) else target


def _on_server(flow: Callflow, server: Server) -> Callflow:
    first = next((url for url in flow.urls() if url.startswith("/")), None)
    if first is None:
        return flow
    base = server.base_for(first)
    joined = with_urls(flow, lambda url: base + url if url.startswith("/") else url)
    return Callflow(root=joined.root)  # which is not what stands in the file


def _recorded_base(cassette: Cassette, path: str) -> str:
    """The part of a recorded URL before the path; where none ends with it, the first one's origin."""
    target = cassette.metadata.get("target")
    flow = target.get("flow") if isinstance(target, Mapping) else None
    urls = Callflow(root=flow).urls() if isinstance(flow, Mapping) else ()
    urls = urls or tuple(exchange.request.url.partition("?")[0] for exchange in cassette.exchanges)
    same = next((url for url in urls if url.endswith(path)), None)
    if same is not None:
        return same.removesuffix(path)
    return origin_of(urls[0]) if urls else NOWHERE
