"""Where the values of secrets come from: given with their name, or from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

from pivotkit.errors import UsageError

PREFIX: Final = "PIVOTKIT_SECRET_"


def secret_variable(name: str) -> str:
    """The environment variable that holds the value of a secret of this name.

    >>> secret_variable("PIN"), secret_variable("card number")
    ('PIVOTKIT_SECRET_PIN', 'PIVOTKIT_SECRET_CARD_NUMBER')
    """
    return PREFIX + re.sub(r"\W+", "_", name).upper()


def secrets_given(texts: Iterable[str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Names → values, from ``NAME=VALUE`` and from ``NAME``, whose value is in the environment.

    Raises: UsageError where it isn't.

    >>> secrets_given(["PIN=4321", "code"], {"PIVOTKIT_SECRET_CODE": "777#"})
    {'PIN': '4321', 'code': '777#'}
    """
    values: dict[str, str] = {}
    for text in texts:
        name, given, value = text.partition("=")
        if not name:
            raise UsageError(f"the secret {text!r} has no name: write NAME=VALUE, or NAME for one of the environment")
        if not given and secret_variable(name) not in environ:
            raise UsageError(f"the secret {name!r} has no value: write {name}=VALUE, or set {secret_variable(name)}")
        values[name] = value if given else environ[secret_variable(name)]
    return values


def secrets_around(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """All secrets that the environment holds, by the rest of their variables' names."""
    return {key.removeprefix(PREFIX): value for key, value in environ.items() if key.startswith(PREFIX) and value}
