"""What the example server is asked and what it answers, as values; and how it reads Kazoo's parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request, its parameters in whichever of Kazoo's two styles they came.

    ``origin`` is the server as the client calls it (``http://127.0.0.1:8080``), for absolute URLs.
    """

    method: str = "GET"
    path: str = "/"
    origin: str = "http://127.0.0.1"
    params: Mapping[str, Any] = field(default_factory=dict)
    body_format: str = "form"  # of a POST: form, json
    cookies: Mapping[str, str] = field(default_factory=dict)

    def any_of(self, *names: str) -> str:
        """The first parameter of these names that came, as text; empty if none did."""
        return next((str(self.params[name]) for name in names if name in self.params), "")

    def digits(self, collection: str) -> str:
        """The keys of a collection: Kazoo sends an object of collections, or one text after TwiML.

        >>> Question(params={"Digits": {"pin": "42"}}).digits("pin"), Question(params={"Digits": "7"}).digits("pin")
        ('42', '7')
        """
        digits = self.params.get("Digits", "")
        return str(digits.get(collection, "")) if isinstance(digits, dict) else str(digits)

    @property
    def phone(self) -> str:
        """The caller's number."""
        return self.any_of("Caller-ID-Number", "CallerNumber", "From")

    @property
    def tries(self) -> int:
        """Which try this is, from 1: the server writes it into the query of the URLs that it hands out."""
        tries = self.any_of("try")
        return int(tries) if tries.isdecimal() else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back, and in which manner: servers in trouble don't just answer."""

    body: bytes
    content_type: str | None = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0  # thinks this long before the first byte
    piece: int | None = None  # sends so many bytes of the body at a time, 0.1 s apart
    cut_at: int | None = None  # closes the connection after so many bytes of the body


Route: TypeAlias = Callable[[Question], Answer]


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Parameters as an object, from names with brackets as Kazoo writes them in forms and queries.

    Raises ValueError where a name is a value and an object at once.

    >>> nested([("Call-ID", "c1"), ("Digits[pin]", "42"), ("tags[]", "a"), ("tags[]", "b")])
    {'Call-ID': 'c1', 'Digits': {'pin': '42'}, 'tags': ['a', 'b']}
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        keys = name.replace("]", "").split("[")
        place: Any = found
        try:
            for key, after in pairwise(keys):
                place = place.setdefault(key, {} if after else [])
            if keys[-1]:
                place[keys[-1]] = value
            else:
                place.append(value)
        except (AttributeError, TypeError):
            raise ValueError(f"{name} stands in another parameter's place") from None
    return found


def read_params(query: str, body: bytes, content_type: str) -> dict[str, Any]:
    """All parameters of a request: those of the URL's query, then those of the body.

    Raises ValueError where the body isn't what its type says.

    >>> read_params("try=2", b'{"Call-ID": "c1"}', "application/json")
    {'try': '2', 'Call-ID': 'c1'}
    """
    params = nested(parse_qsl(query, keep_blank_values=True))
    if not body:
        return params
    if content_type.startswith("application/json"):
        sent = json.loads(body)
        if not isinstance(sent, dict):
            raise ValueError("the JSON body is not an object")
        return params | sent
    return params | nested(parse_qsl(body.decode(), keep_blank_values=True))
