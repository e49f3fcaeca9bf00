"""Each outcome of each module has a test: none is forgotten when a module is added."""

import json
from pathlib import Path

import pytest

from outcome_marks import COVERED
from pivotkit.kazoo import schemas
from pivotkit.kazoo.callflow import MODULES

OUTCOMES = json.loads((Path(__file__).parents[2] / "data" / "module_outcomes.json").read_text())


def test_each_outcome_of_each_module_has_a_test(request: pytest.FixtureRequest) -> None:
    """An outcome is module × branch × version, as Kazoo's own code has them; the marker names it."""
    covered = request.config.stash[COVERED]
    if len({module for module, _, _ in covered}) < 10:
        pytest.skip("only a part of the modules' tests was collected")

    missing = [
        f"{module}: {outcome['branch']} ({outcome.get('only_in', 'all versions')}): {outcome['when']}"
        for module, outcomes in OUTCOMES.items()
        if module in MODULES
        for outcome in outcomes
        if (module, outcome["branch"], outcome.get("only_in")) not in covered
    ]
    assert not missing, "\n".join(missing)


def test_no_test_claims_an_outcome_that_there_is_not() -> None:
    """Every module with a handler is one that Kazoo has."""
    known = {*schemas.modules("4.x"), *schemas.modules("5.x")}

    assert known >= MODULES
    assert set(OUTCOMES) <= known
