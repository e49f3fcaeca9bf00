"""Which HTTP method a ``method`` means."""

from __future__ import annotations

from typing import Any

import pytest

from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5
from pivotkit.kazoo.state import KazooCrash
from pivotkit.kazoo.verb_method import action_method, verb_method
from request_vectors import Vector, vectors


def expect(vector: Vector, ask: Any) -> None:
    """What Kazoo did with a vector's method: crashed, or took one."""
    if "crash" in vector["expected"]:
        with pytest.raises(KazooCrash):
            ask()
    else:
        assert ask() == vector["expected"]["method"]


@vectors("http_method", lambda vector: vector["input"]["kind"] == "attributes")
def test_a_verbs_method_as_in_kazoo(vector: Vector) -> None:
    """GET or POST in any case, else POST; of two attributes the first counts, names are case-sensitive."""
    attributes: dict[str, str] = {}
    for name, value in vector["input"]["attributes"]:
        attributes.setdefault(name, value)
    expect(vector, lambda: verb_method(attributes.get("method"), KAZOO_4)[0])


@vectors("http_method", lambda vector: vector["input"]["op"] == "method")
def test_a_word_as_method_as_in_kazoo(vector: Vector) -> None:
    """Words that Erlang knows kill the verb, unknown ones mean POST; JSON null and true are words too."""
    given = vector["input"]
    if given["kind"] == "undefined":
        assert verb_method(None, KAZOO_4) == ("post", None)
    else:
        expect(vector, lambda: action_method({"method": given["method"]}, KAZOO_4))


@pytest.mark.parametrize(
    "word", ["delete", "Options", "CONNECT", "false", "ok", "list", "string", "http", "link", "any"]
)
def test_words_that_every_erlang_node_knows_kill_the_verb(word: str) -> None:
    """In any case of letters; a blank around them makes them unknown."""
    with pytest.raises(KazooCrash, match="knows the word"):
        verb_method(word, KAZOO_4)
    assert verb_method(f"{word} ", KAZOO_4)[0] == "post"


@pytest.mark.parametrize("profile", [DOCS, KAZOO_5], ids=["docs", "5.x"])
def test_other_profiles_send_a_post_and_warn(profile: Any) -> None:
    """PUT is neither GET nor POST: a POST goes out, and the warning says so (i-29)."""
    method, warning = verb_method("PUT", profile)

    assert method == "post"
    assert warning is not None
    assert "'PUT'" in warning


def test_an_absent_method_is_get_for_the_action_and_post_for_a_verb() -> None:
    """The two defaults differ."""
    assert action_method({}, DOCS) == "get"
    assert verb_method(None, DOCS) == ("post", None)
