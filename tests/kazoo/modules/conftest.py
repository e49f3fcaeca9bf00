"""Which outcome of which module a test is about: ``@pytest.mark.outcome("menu", "timeout")``."""

import pytest

from outcome_marks import COVERED


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COVERED] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("outcome"):
            module, branch = mark.args
            config.stash[COVERED].add((module, branch, mark.kwargs.get("only_in")))
