"""What must not reach the disk, taken out of texts, requests, answers and JSON.

Four kinds:

- credentials: the values of Authorization, Proxy-Authorization, Cookie and Set-Cookie, and user and password in
  a URL. They go whatever is asked;
- ``names`` of the user: headers, and fields of queries, forms, JSON and XML, wherever such text stands. Their
  values become ``redacted`` (numbers 0);
- ``secrets`` of the user: values, digits mostly. Each becomes as many of its own letter (``xxxx``), in script,
  request, answer and trace alike, so that the recording still replays. In which forms they are found tells module
  `spellings`. In a JSON number the letter is a digit, for it must stay one. Not found: digits that stand in
  several strings, or that are asked for one by one;
- phone numbers, where that is asked for: each becomes the same fictional one everywhere (module `fictional`).

Every method gives back the very object that it was given where there is nothing to hide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from pivotkit.cassette.fictional import with_fictional_number, with_fictional_numbers
from pivotkit.cassette.hiding import REDACTED, Names, Secrets, without_user_info
from pivotkit.records.http import Exchange, Headers, HttpFailure, HttpRequest, HttpResponse, HttpResult

CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_MEASURES: Final = frozenset({"content-length"})  # never secret, and wrong where digits in it are changed
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?")  # the same


class Redactor:
    """Takes secrets out; the same ones the same way each time.

    Args:
        names: names of headers and fields, in any case.
        secrets: values, or names for them → values.
        fictional_numbers: put fictional phone numbers in the place of real ones?

    Raises: UsageError for a secret under 3 characters, for more than six secrets of digits (there are six letters
    that a script takes for keys), and more than sixteen others.

    >>> hide = Redactor(names=["token"], secrets={"pin": "4321"})
    >>> hide.text("http://u:pw@h/?token=abc&Digits=4321 (4 3 2 1)")
    'http://h/?token=redacted&Digits=xxxx (x x x x)'
    >>> hide
    Redactor(names=('token',), placeholders={'pin': 'xxxx'})
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        secrets: Mapping[str, str] | Iterable[str] = (),
        *,
        fictional_numbers: bool = False,
    ) -> None:
        self._names = Names(names)
        self._secrets = Secrets(secrets)
        self.fictional_numbers = fictional_numbers
        self._asked = bool(self._names) or bool(self._secrets) or fictional_numbers

    def __repr__(self) -> str:
        numbers = ", fictional_numbers=True" if self.fictional_numbers else ""
        return f"Redactor(names={self._names.names!r}, placeholders={self._secrets.placeholders!r}{numbers})"

    def __bool__(self) -> bool:
        """Is there more to hide than credentials?"""
        return self._asked

    def describe(self) -> dict[str, Any]:
        """What a cassette's metadata say of it: names and placeholders, no values."""
        told: dict[str, Any] = {"names": list(self._names.names), "placeholders": dict(self._secrets.placeholders)}
        return told | {"fictional_numbers": True} if self.fictional_numbers else told

    def text(self, text: str) -> str:
        """Any text: a URL, a message, a body."""
        if "@" in text or "%40" in text:
            text = without_user_info(text)
        if not self._asked:
            return text
        text = self._secrets.hide(self._names.hide(text))
        return with_fictional_numbers(text) if self.fictional_numbers else text

    def body(self, body: bytes) -> bytes:
        """A body in any format; bytes that are no UTF-8 stay as they are."""
        if not self._asked and b"@" not in body and b"%40" not in body:
            return body
        text = body.decode(errors="surrogateescape")
        hidden = self.text(text)
        return body if hidden == text else hidden.encode(errors="surrogateescape")

    def json(self, value: Any) -> Any:
        """A JSON value: a script, a target, a trace. Comes back in plain dicts and lists."""
        if isinstance(value, str):
            return value if _MOMENT.fullmatch(value) else self.text(value)
        if isinstance(value, dict | Mapping):
            return {
                self.json(key): self._names.blank(item) if self._asked and key in self._names else self.json(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.json(item) for item in value]
        value = self._secrets.hide_number(value) if self._asked else value
        return with_fictional_number(value) if self.fictional_numbers else value

    def reveal(self, value: Any) -> Any:
        """A script with the real values in the place of their placeholders, for asking a live server again."""
        if isinstance(value, str):
            return self._secrets.reveal(value)
        if isinstance(value, Mapping):
            return {self.reveal(key): self.reveal(item) for key, item in value.items()}
        return [self.reveal(item) for item in value] if isinstance(value, list | tuple) else value

    def request(self, request: HttpRequest) -> HttpRequest:
        """A request without secrets."""
        url, body = self.text(request.url), self.body(request.body)
        headers = self._headers(request.headers, len(request.body), len(body))
        if url == request.url and body is request.body and headers is request.headers:
            return request
        return replace(request, url=url, headers=headers, body=body)

    def result(self, result: HttpResult) -> HttpResult:
        """An answer, or what came instead of one, without secrets."""
        response = self._response(result.response)
        failure = self._failure(result.failure)
        log = self.text(result.log) if result.log else ""
        if response is result.response and failure is result.failure and log == result.log:
            return result
        return replace(result, response=response, failure=failure, log=log)

    def exchange(self, exchange: Exchange) -> Exchange:
        """Both."""
        request, result = self.request(exchange.request), self.result(exchange.result)
        if request is exchange.request and result is exchange.result:
            return exchange
        return replace(exchange, request=request, result=result)

    def _response(self, response: HttpResponse | None) -> HttpResponse | None:
        if response is None:
            return None
        body = self.body(response.body)
        headers = self._headers(response.headers, len(response.body), len(body))
        reason = self.text(response.reason)
        if body is response.body and headers is response.headers and reason == response.reason:
            return response
        return replace(response, body=body, headers=headers, reason=reason)

    def _failure(self, failure: HttpFailure | None) -> HttpFailure | None:
        if failure is None:
            return None
        partial = self._response(failure.partial)
        message, hint = self.text(failure.message), self.text(failure.hint)
        if partial is failure.partial and message == failure.message and hint == failure.hint:
            return failure
        return replace(failure, partial=partial, message=message, hint=hint)

    def _headers(self, headers: Headers, was: int, now: int) -> Headers:
        hidden = tuple([(name, self._header(name.lower(), value, was, now)) for name, value in headers])
        return headers if hidden == headers else hidden

    def _header(self, name: str, value: str, was: int, now: int) -> str:
        if name in CREDENTIALS or name in self._names:
            return REDACTED
        if name in _MEASURES:
            return str(now) if value == str(was) else value
        return self.text(value)


CREDENTIALS_ONLY: Final = Redactor()
"""What nobody asked for is taken out all the same: credentials, and nothing else."""
