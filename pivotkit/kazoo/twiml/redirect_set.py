"""Redirect and Set: the next request, and the variables that it carries."""

from __future__ import annotations

from collections.abc import Iterable

from pivotkit.kazoo.params import call_variables
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.document import Element
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Script


def redirect(verb: Verb) -> Script[TwimlEnd | None]:
    """Ask the server again; no text: at the same URL. Kazoo: kzt_twiml:redirect."""
    yield from verb.act("answer")
    variables, only_one = _variables(verb.element), verb.call.profile.one_variable_only
    yield from _set_all(verb, variables)
    if variables and only_one:
        yield from verb.quirk("one_variable_only")
        raise VerbError("Kazoo 4.x dies of a Variable in a Redirect", "put it into a Set in front of the Redirect")
    url, method = yield from verb.target(verb.element.text, read.get(verb.element.attributes, "method"))
    return verb.ask(url, method)


def set_variables(verb: Verb) -> Script[TwimlEnd | None]:
    """Store variables for every later request of this pivot action. Kazoo: kzt_twiml:set_variables."""
    variables = _variables(verb.element)
    if verb.call.profile.one_variable_only and not variables:
        yield from verb.quirk("one_variable_only")
        raise VerbError("Kazoo 4.x dies of a Set without a Variable", "leave the Set out", silence=True)
    yield from _set_all(verb, variables)
    return None


def _variables(element: Element) -> list[Element]:
    return [child for child in element.elements if child.name == "Variable"]


def _set_all(verb: Verb, variables: Iterable[Element]) -> Script[None]:
    """Set variable after variable; each answers the call first. 4.x dies of the second one."""
    for number, variable in enumerate(variables, 1):
        yield from verb.act("answer")
        if number > 1 and verb.call.profile.one_variable_only:
            yield from verb.quirk("one_variable_only")
            raise VerbError(
                f"Kazoo 4.x dies of a {verb.element.name} with several Variables",
                "write a Set of its own for each Variable",
            )
        yield from _set(verb, variable)


def _set(verb: Verb, variable: Element) -> Script[None]:
    """Set a variable, and freeze the call variables as they are, even if there is nothing to set.

    The frozen copies replace user variables of the same name; the variable being set wins over both.
    """
    key, value = read.get(variable.attributes, "key"), read.get(variable.attributes, "value")
    if key is None and verb.call.profile.nameless_variables:
        key = "undefined"
    frozen = {name: held for name, held in call_variables(verb.call, verb.pivot) if held is not None}
    verb.pivot.user_vars = {**verb.pivot.user_vars, **frozen}
    if key is None or value is None:
        yield from verb.warn("value_ignored", "a Variable without key or value sets nothing")
        return
    verb.pivot.user_vars[key] = value
    verb.reason = f"{key}={value}"
