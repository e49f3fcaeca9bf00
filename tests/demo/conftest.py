"""One example server for all tests of the demo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pivotkit.demo import DemoServer


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The URL of a running example server."""
    with DemoServer() as server:
        yield server.url
