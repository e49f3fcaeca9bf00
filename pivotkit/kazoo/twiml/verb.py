"""One verb while it runs: its element, its place, and what it may do to the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pivotkit.kazoo import talk
from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.state import CallState, PivotState
from pivotkit.kazoo.twiml.document import Element
from pivotkit.kazoo.twiml.ends import CallerLeft, TwimlEnd, UnknownElement, VerbError
from pivotkit.kazoo.urls import resolution_warning, resolve_uri
from pivotkit.kazoo.verb_method import verb_method
from pivotkit.records.effects import Script
from pivotkit.records.trace import Warning


@dataclass(slots=True, kw_only=True)
class Verb:
    """A verb's context. ``reason`` is what its step will say: "pressed 1", "no key in 5 s"."""

    element: Element
    place: str  # "Response/Gather[1]/Say[1]"
    call: CallState
    pivot: PivotState
    depth: int = 0
    nested: bool = False  # it plays inside a Gather: the first key ends it
    silent: bool = False  # it is only started: nobody hears it
    reason: str = ""

    @property
    def where(self) -> str:
        """The place for people: with its line."""
        return f"{self.place} (line {self.element.line})" if self.element.line else self.place

    @property
    def unheard(self) -> bool:
        """Does what the verb plays reach nobody?"""
        return self.silent or self.call.leg_gone

    def act(self, do: str, data: Mapping[str, Any] | None = None) -> Script[None]:
        """Kazoo does something to the channel."""
        yield from talk.act(self.call, do, data)

    def warn(self, warning_id: str, message: str) -> Script[None]:
        """Warn of something about this verb; once, though the server may send the document again and again."""
        key = (warning_id, f"{self.place}: {message}")  # another document may have other faults at the same place
        if key not in self.call.warned:
            self.call.warned.add(key)
            yield from talk.tell(Warning(id=warning_id, where=self.place, message=message))

    def quirk(self, name: str) -> Script[None]:
        """Warn of an oddity of the profile that this verb has just met."""
        yield from tell_quirk(self.call, name, self.place)

    def wants_nothing_inside(self) -> None:
        """Kazoo knows some verbs only without content: one blank is content already.

        Raises:
            UnknownElement: there is something in it.
        """
        if not self.element.bare:
            raise UnknownElement(
                f"Kazoo knows {self.element.name} only without content", f"write <{self.element.name} …/>"
            )

    def hear(self, medium: str, prompt: str, stops: str) -> Script[str]:
        """Play one round of one prompt; the keys that were pressed meanwhile.

        Raises:
            CallerLeft: the caller hung up.
        """
        if self.unheard:
            return ""
        reaction = yield from talk.hear(self.call, medium, prompt, stops=stops)
        if reaction.hung_up:
            raise CallerLeft(f"the caller hung up during {self.element.name}")
        return reaction.keys

    def target(self, given: str | None, method: str | None) -> Script[tuple[str, str]]:
        """The URL and the method of the next request; `given` is resolved against the URL asked for last.

        Raises:
            KazooCrash: Kazoo can't resolve the URL, or dies of the method.
            VerbError: a document that stands in the action itself has no URL to resolve against (f-34).
        """
        base = self.pivot.voice_url
        if not base and not (given or "").startswith("http"):
            raise VerbError(
                f"{given!r} has no URL to be resolved against" if given else "there is no URL to ask",
                "a document that stands in the action (serverless) was asked of nobody: write a whole http(s):// URL",
                silence=True,
            )
        url = resolve_uri(base, given)
        differs = resolution_warning(base, given)
        if differs is not None:
            yield from self.warn("url_resolution_differs", differs)
        word, odd = verb_method(method, self.call.profile)
        if odd is not None:
            yield from self.warn("bad_method", odd)
        return url, word

    def ask(self, url: str, method: str, *, upload_url: str = "") -> TwimlEnd:
        """Have the server asked again: the end of this document."""
        self.pivot.voice_url, self.pivot.method = url, method
        return TwimlEnd(
            outcome="request",
            result="request",
            message=f"{self.where}: {method.upper()} {url}",
            where=self.where,
            upload_url=upload_url,
        )

    def stop(self, outcome: str, message: str, *, hint: str = "", cause: str = "") -> TwimlEnd:
        """The end of the call, without an error of Kazoo's."""
        return TwimlEnd(
            outcome=outcome,
            result="stop",
            message=f"{self.where}: {message}",
            hint=hint,
            where=self.where,
            cause=cause,
        )

    def take_early(self) -> str:
        """The keys that were pressed during a Pause; they are forgotten here."""
        keys, self.pivot.early_keys = self.pivot.early_keys, ""
        return keys

    def keep(self, keys: str) -> None:
        """Keys that ride as Digits in the next request."""
        if keys:
            self.pivot.digits_collected = (self.pivot.digits_collected or "") + keys


Handler: TypeAlias = Callable[[Verb], Script["TwimlEnd | None"]]
"""One verb: what it does; None: the next verb follows. Raises `VerbError` or `KazooCrash`."""
