"""Explanations and hints for the errors of a flow: plain sentences for somebody who has never seen Kazoo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pivotkit.kazoo import schemas
from pivotkit.kazoo.near_names import brief, close_name, near_field, near_module, placeholder, squeezed
from pivotkit.kazoo.urls import shown

if TYPE_CHECKING:
    from pivotkit.kazoo.flow_errors import FlowError

_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a decimal number"),
    (str, "a string"),
    (Mapping, "an object"),
    ((list, tuple), "a list"),
    (type(None), "null"),
)
_WANTED: Final = {
    "string": "a string",
    "integer": "an integer",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "email": "an e-mail address",
}
_EACH: Final = {"string": "strings", "email": "e-mail addresses"}
_HTTP: Final = "^https?://"
_ID_LENGTH: Final = 32

AN_ACTION: Final = '{"module": "tts", "data": {"text": "Hello"}, "children": {}}'
"""The smallest answer that a caller hears."""


# --- words -------------------------------------------------------------------------------------


def kind_of(value: object) -> str:
    """A value's JSON type in words."""
    return next((words for cls, words in _KINDS if isinstance(value, cls)), type(value).__name__)


def show(value: object) -> str:
    """A value as messages show it: short, on one line, without passwords in URLs."""
    if isinstance(value, str):
        text = brief(shown(value[:200]), most=60)
        return f"'{text}'"
    if isinstance(value, (bool, float, type(None))):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else "a huge integer"
    return kind_of(value).replace("a ", "this ", 1).replace("an ", "this ", 1)


def either(words: Iterable[str]) -> str:
    """Words as a choice.

    >>> either(["get", "post", "put"])
    'get, post or put'
    """
    *front, last = words
    return f"{', '.join(front)} or {last}" if front else last


# --- explanations ------------------------------------------------------------------------------


def explain(error: FlowError) -> str:
    """What is wrong, in one sentence."""
    text = _EXPLAIN[error.kind](error)
    return brief(f"{text} ({error.note})" if error.note else text)


def hint(error: FlowError) -> str:
    """What to mend; "" where the explanation says it all."""
    made = _HINT.get(error.kind)
    return brief(made(error)) if made else ""


def _is(value: object) -> str:
    """What a value is, for a sentence: "'four' is a string", "this is a list"."""
    shows = isinstance(value, (str, int, float))
    return f"{show(value) if shows else 'this'} is {kind_of(value)}"


def _explain_type(error: FlowError) -> str:
    wanted = _WANTED[error.rule]
    if not error.path:
        return f"the flow is {kind_of(error.value)}, Kazoo wants {wanted}: its first action"
    return f"{error.path}: {_is(error.value)}, Kazoo wants {wanted}"


def _explain_required(error: FlowError) -> str:
    owner, _, name = error.path.rpartition(".")
    if name == "module" and not error.value:
        return f"{owner or 'the flow'} is an empty object: that is no action"
    return f"{owner or 'the flow'} has no {name!r}"


def _explain_enum(error: FlowError) -> str:
    allowed = either(map(str, error.rule))
    if isinstance(error.value, type(error.rule[0])):
        return f"{error.path}: {show(error.value)} is not {allowed}"
    return f"{error.path}: {_is(error.value)}, Kazoo wants {kind_of(error.rule[0])}: {allowed}"


def _explain_unknown_module(error: FlowError) -> str:
    name = error.value
    text = f"unknown module {show(name)} at {error.path.rpartition('.')[0] or 'the top of the flow'}"
    others = [version for version in ("4.x", "5.x") if name in schemas.modules(version)]
    if others:
        return f"{text}: only Kazoo {others[0]} has it"
    near = near_module(name, error.rule)
    return f"{text}: did you mean {near!r}?" if near else text


def _explain_pattern(error: FlowError) -> str:
    if error.rule == _HTTP:
        return f"{error.path}: {show(error.value)} does not begin with http:// or https://"
    return f"{error.path}: {show(error.value)} does not match {error.rule}"


def _explain_length(error: FlowError) -> str:
    if not error.value:
        return f"{error.path}: the text is empty"
    bound = f"at {'least' if error.kind == 'minLength' else 'most'} {error.rule}"
    return f"{error.path}: {show(error.value)} has {len(error.value)} characters, Kazoo wants {bound}"


def _explain_min_items(error: FlowError) -> str:
    number = f"has {len(error.value)} entries" if error.value else "is empty or missing"
    return f"{error.path}: the list {number}, Kazoo wants at least {error.rule}"


def _explain_alternatives(error: FlowError) -> str:
    sets = [schema["required"] for schema in error.rule if set(schema) == {"required"}]
    given = error.value if isinstance(error.value, Mapping) else {}
    if sets:
        wanted = either(" with ".join(names) for names in sets)
        number = sum(all(name in given for name in names) for names in sets)
        return f"{error.path} needs exactly one of {wanted}; it has {f'{number} of them' if number else 'none'}"
    if any("allOf" in schema for schema in error.rule):
        return f"{error.path}: the entry does not fit the fields of the macro {show(given.get('macro'))}"
    return f"{error.path}: {_is(error.value)}, Kazoo wants {either(map(_alternative, error.rule))}"


def _alternative(schema: Mapping[str, Any]) -> str:
    if "items" in schema:
        return f"a list of {_EACH[schema['items'].get('format') or schema['items']['type']]}"
    if "enum" in schema:
        return either(schema["enum"])
    text = "a text that is not empty" if schema.get("minLength") else ""
    return text or _WANTED[schema.get("format") or schema["type"]]


_EXPLAIN: Final[dict[str, Callable[[FlowError], str]]] = {
    "type": _explain_type,
    "required": _explain_required,
    "enum": _explain_enum,
    "minimum": lambda e: f"{e.path}: {show(e.value)} is less than {e.rule}",
    "maximum": lambda e: f"{e.path}: {show(e.value)} is more than {e.rule}",
    "minLength": _explain_length,
    "maxLength": _explain_length,
    "minItems": _explain_min_items,
    "uniqueItems": lambda e: f"{e.path}: an entry stands in the list twice",
    "pattern": _explain_pattern,
    "not_one_schema_valid": _explain_alternatives,
    "any_schemas_not_valid": lambda e: f"{e.path}: Kazoo refuses these headers",
    "no_schema": lambda e: f"Kazoo has no rules for the module {show(e.value)}",
    "unknown_module": _explain_unknown_module,
    "bad_scheme": lambda e: f"{e.path}: {show(e.value)} is no http:// or https:// URL",
    "blacklisted": lambda e: f"{e.path}: Kazoo refuses the host of {show(e.value)} (its blacklist names {e.rule})",
    "crash": lambda e: f"{e.path}: Kazoo's validator crashes on {show(e.value)} ({e.rule})",
}


# --- hints -------------------------------------------------------------------------------------


def _hint_type(error: FlowError) -> str:
    value, rule = error.value, error.rule
    if not error.path:
        return _hint_root(value)
    if value is None:
        return "leave it out: null is a value for Kazoo"
    made = _HINT_TYPE[rule](value)
    if not made and rule == "object" and error.path.rpartition(".")[2] == "children":
        return 'children is an object, from branch to action: {"_": {"module": …}}'
    return made


def _hint_root(value: object) -> str:
    if isinstance(value, list):
        return "send one action; the next one goes into its children, under '_'"
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return "it was encoded as JSON twice: send the object, not a string that holds it"
    return ""


def _hint_integer(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r" *-?[0-9]{1,18} *", value):
        return f"write {value.strip()} without quotes"
    if isinstance(value, float) and value.is_integer():
        return f"write {show(int(value))}, without a fraction or exponent"
    return ""


def _hint_boolean(value: object) -> str:
    plain = value.strip().lower() if isinstance(value, str) else ""
    return f"write {plain} without quotes" if plain in ("true", "false") else ""


_HINT_TYPE: Final[dict[str, Callable[[Any], str]]] = {
    "integer": _hint_integer,
    "boolean": _hint_boolean,
    "string": lambda value: f'put it in quotes: "{show(value)}"' if isinstance(value, (int, float)) else "",
    "array": lambda value: "" if isinstance(value, Mapping) else "put it in a list, even if it is the only one",
    "object": lambda value: f'write {{"module": {json.dumps(value)}}}' if value in schemas.modules("5.x") else "",
}


def _hint_required(error: FlowError) -> str:
    owner, _, name = error.path.rpartition(".")
    if name == "module":
        return _hint_module(error.value, owner)
    near = next((key for key in error.value if near_field(key, (name,))), "") or close_name(name, error.value)
    if near:
        return f"{near!r} must be called {name!r}"
    return "" if error.note else f"add {name!r} to {owner}"


def _hint_module(given: Mapping[str, Any], owner: str) -> str:
    for wrapper in ("flow", "data"):
        inner = given.get(wrapper)
        if isinstance(inner, Mapping) and ("module" in inner or "flow" in inner):
            place = ".".join(filter(None, (owner, wrapper, "flow" if "flow" in inner else "")))
            return f"send what stands under {place!r} alone: a flow is its first action itself"
    names = schemas.modules("5.x")
    for key, value in given.items():
        if squeezed(key) == "module" or (key in ("action", "type", "verb", "name", "cmd") and value in names):
            return f"{key!r} must be called 'module'"
        if key in names and isinstance(value, Mapping):
            return f'write {{"module": "{key}", "data": {{…}}}}'
    if given:
        return f"an action is an object such as {AN_ACTION}"
    return "leave it out: a flow ends where there is no child" if owner else f"send an action, such as {AN_ACTION}"


def _hint_enum(error: FlowError) -> str:
    allowed = [str(item) for item in error.rule]
    if not isinstance(error.value, str):
        return f'put it in quotes: "{show(error.value)}"' if show(error.value) in allowed else ""
    folded = next((item for item in allowed if item.lower() == error.value.strip().lower()), "")
    close = folded or close_name(error.value, allowed)
    return f"did you mean {close!r}?" if close else ""


def _hint_url(error: FlowError) -> str:
    left = placeholder(error.value)
    if left:
        return f"{left} is a placeholder of the documentation: put your server's address in its place"
    if re.match(r"https?://", error.value, re.I):
        return "write the scheme in lower case"
    return "give the whole URL, such as https://example.com/ivr"


def _hint_unknown_module(error: FlowError) -> str:
    near = near_module(error.value, error.rule)
    return f"write {near!r}" if near else "see Kazoo's list of callflow actions"


def _hint_alternatives(error: FlowError) -> str:
    emails = any(schema.get("format") == "email" for schema in error.rule)
    return "Kazoo wants e-mail addresses here even where the type is user" if emails else ""


def _hint_headers(error: FlowError) -> str:
    return (
        "mend the other errors first" if error.note else "header names are letters, digits, _ and -; values are texts"
    )


def _hint_crash(error: FlowError) -> str:
    return "leave user@ out of the URL" if isinstance(error.value, str) else "write it as a text"


def _hint_length(error: FlowError) -> str:
    return "write the document's whole id: Kazoo's have 32 characters" if error.rule == _ID_LENGTH else ""


_HINT: Final[dict[str, Callable[[FlowError], str]]] = {
    "type": _hint_type,
    "required": _hint_required,
    "enum": _hint_enum,
    "minLength": _hint_length,
    "maxLength": _hint_length,
    "pattern": lambda e: _hint_url(e) if e.rule == _HTTP else "",
    "bad_scheme": _hint_url,
    "blacklisted": lambda e: "use a public name of the server",
    "unknown_module": _hint_unknown_module,
    "no_schema": _hint_unknown_module,
    "not_one_schema_valid": _hint_alternatives,
    "any_schemas_not_valid": _hint_headers,
    "crash": _hint_crash,
}
