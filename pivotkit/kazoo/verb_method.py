"""Which HTTP method a ``method`` means (contract, section e; Kazoo: ``kzt_util:http_method``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo.encoding import json_text
from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.state import KazooCrash

# Words that an Erlang node knows as atoms. Which ones varies between nodes; these were seen, the second
# half on a node that runs nothing but Erlang itself.
KNOWN_WORDS: Final = frozenset(
    (
        "", "delete", "error", "false", "head", "http", "list", "null", "ok", "options", "put", "string", "trace",
        "true",
        "all", "any", "bind", "connect", "copy", "default", "form", "link", "lock", "merge", "nil", "no", "none",
        "notify", "purge", "query", "report", "request", "response", "search", "source", "subscribe", "unlock",
        "update", "yes",
    )
)  # fmt: skip


def verb_method(value: str | None, profile: Profile) -> tuple[str, str | None]:
    """The method of a TwiML verb, lower case, and what to warn of (``bad_method``), if anything.

    ``value`` is the ``method`` attribute; absent means POST, whatever the action's own method is.
    Raises `KazooCrash` where the profile dies of words that Erlang knows (i-29).

    >>> from pivotkit.kazoo.profiles import DOCS
    >>> verb_method("GET", DOCS), verb_method(None, DOCS)
    (('get', None), ('post', None))
    >>> verb_method("put", DOCS)
    ('post', "the method 'put' is neither GET nor POST: Kazoo sends a POST")
    """
    if value is None:
        return "post", None
    word = value.lower()
    if word in ("get", "post"):
        return word, None
    if profile.known_words_crash and word in KNOWN_WORDS:
        raise KazooCrash(f"Erlang knows the word {value!r}, and no method by that name")
    return "post", f"the method {value!r} is neither GET nor POST: Kazoo sends a POST"


def action_method(data: Mapping[str, Any], profile: Profile) -> str:
    """The method of a pivot action, lower case; absent means GET. Raises `KazooCrash` as `verb_method` does.

    >>> from pivotkit.kazoo.profiles import DOCS
    >>> action_method({}, DOCS), action_method({"method": "POST"}, DOCS)
    ('get', 'post')
    """
    if "method" not in data:
        return "get"
    value = data["method"]
    return verb_method(value if isinstance(value, str) else json_text(value), profile)[0]
