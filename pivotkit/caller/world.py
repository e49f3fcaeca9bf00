"""The world around one call: answers every effect but HTTP requests and what is told to the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from pivotkit.caller.account import Account, Media
from pivotkit.caller.caller import Caller
from pivotkit.caller.hangups import HangUps, Stay
from pivotkit.caller.keypad import Keypad
from pivotkit.caller.parties import parse_parties, ring
from pivotkit.caller.press import presses_of
from pivotkit.caller.presses import KEYS, RECORDING, Situation
from pivotkit.caller.script import Entry, HangUp, Keys, Silence, Speech
from pivotkit.caller.speech import DEFAULTS, WorldSettings, prompt_seconds, recorded, usual_speech
from pivotkit.records.effects import Collect, Effect, Hear, Lookup, Reach, Reached, Reaction, Record, Recorded, Wait

_SPOKEN: Final = ("tts", "play")  # what a caller listens to: rules are armed by it, barge-in cuts into it
_OF_THE_SERVER: Final = ("answer", "pivot")  # waits for the voice_url server, whatever verb caused them
_GONE: Final = Reaction(seconds=0.0, hung_up=True)


class World:
    """One call's caller, account and clock. Make a new one for each call.

    The clock runs by what each answer lasts; after an HTTP exchange the driver says `pass_time`.
    A hang-up whose moment passed meanwhile comes at the next effect.
    """

    def __init__(self, caller: Caller, account: Account | None = None, settings: WorldSettings = DEFAULTS) -> None:
        self.now_s = 0.0
        self.hung_up = False
        self._caller, self._settings = caller, settings
        self._account = account or caller.account or Account()
        self._parties = parse_parties(caller.parties)
        self._presses = presses_of(caller.press)
        self._keypad = Keypad(settings.key_gap_s)
        moment = caller.moment()
        self._hangups = HangUps(
            () if moment is None else (moment,),
            leave_s=settings.leave_s,
            patience_s=settings.patience_s if caller.patience_s is None else caller.patience_s,
        )
        self._request_was_out = False
        self._asked = False  # has this collection had its entry?
        self._barged_in = False  # did the caller press, while a prompt played, what the next collection asks for?
        self._tries: Counter[tuple[int, str]] = Counter()  # of each collection and recording
        self._heard: list[str] = []
        self._prompts: list[str] = []
        self._pressed: list[str] = []
        self._looked_up: dict[tuple[str, str], None] = {}
        self._answers: dict[type, Callable[[Any], Any]] = {
            Hear: self._hear,
            Wait: self._wait,
            Collect: self._collect,
            Reach: self._reach,
            Record: self._record,
            Lookup: self._lookup,
        }

    def answer(self, effect: Effect) -> Any:
        """What the world answers: a Reaction, Reached or Recorded, or the fact that was looked up.

        Raises ScriptError where the script doesn't fit what is asked.
        """
        answering = self._answers.get(type(effect))
        if answering is None:
            raise TypeError(f"the world doesn't answer {type(effect).__name__}: its driver does")
        self._hangups.arm(self._presses.moments())
        answer = answering(effect)
        if isinstance(answer, (Reaction, Reached, Recorded)):
            self.now_s += answer.seconds or 0.0
            self._request_was_out = False
        return answer

    def pass_time(self, seconds: float) -> None:
        """An HTTP exchange took this long."""
        self.now_s += seconds
        self._request_was_out = True

    @property
    def pressed(self) -> tuple[str, ...]:
        """What was really done, one entry for each collection or recording: as a list, it is a script again."""
        return tuple(self._pressed)

    @property
    def digits_left(self) -> str:
        """Keys that were to be pressed, and that nothing took."""
        return self._keypad.left

    def left_over(self) -> tuple[str, ...]:
        """Keys that nothing took, and entries that were never used."""
        keys = (self.digits_left,) if self.digits_left else ()
        moments = () if self.hung_up else self._hangups.outstanding
        return (*keys, *self._presses.left(), *moments)

    @property
    def looked_up(self) -> Account:
        """The account with the facts that this call asked for, and no others."""
        return self._account.only(self._looked_up)

    # ── listening and waiting ───────────────────────────────────────────────────────────────────

    def _hear(self, asked: Hear) -> Reaction:
        if self.hung_up:
            return _GONE
        length, words = self._listen(asked)
        reaction = self._react(self._stay(asked.module, length), asked.stops)
        return reaction._replace(words=words) if words else reaction

    def _listen(self, asked: Hear) -> tuple[float, str]:
        """Let the caller hear what begins to play; how long it would last, and the words in a media file."""
        known = self._media(asked.prompt) if asked.medium == "play" else Media()
        length = prompt_seconds(asked, self._settings, known.text, known.seconds)
        if asked.medium in _SPOKEN:
            words = (asked.prompt, known.words) if known.words else (asked.prompt,)
            self._heard.extend(words)
            self._prompts.extend(words)
            if length > 0:
                self._barge_in(self._presses.hear(words), length)
        return length, known.words

    def _barge_in(self, keys: Keys | None, length: float) -> None:
        if keys is not None:
            self._barged_in = True
            self._pressed.append(str(keys))
            self._keypad.type(keys.keys, self.now_s + min(self._settings.barge_in_s, length / 2))

    def _media(self, media_id: str) -> Media:
        self._looked_up[("media", media_id)] = None
        return self._account.media_facts(media_id)

    def _wait(self, asked: Wait) -> Reaction:
        if asked.why == "webhook":  # behind the call: nobody is asked
            return Reaction(seconds=asked.seconds)
        if self.hung_up:
            return _GONE
        if asked.why == "silence":
            return self._left_alone()
        endless = asked.why == "idle" and asked.seconds >= self._hangups.patience_s
        module = "pivot" if asked.why in _OF_THE_SERVER else asked.module
        # A wait of 0 s only looks whether the caller is there; after a request it stands for the request.
        runs = asked.seconds > 0 or self._request_was_out
        return self._react(self._stay(module, float("inf") if endless else asked.seconds, runs=runs))

    def _left_alone(self) -> Reaction:
        """For ever in silence: only a moment that the script names ends it, patience doesn't."""
        leaves_in = self._hangups.named_in(self.now_s)
        return Reaction(seconds=leaves_in or 0.0, hung_up=self._leave(leaves_in is not None))

    def _stay(self, module: str, seconds: float, *, runs: bool = True) -> Stay:
        return self._hangups.stay(self.now_s, module, seconds, looked_at=runs)

    def _react(self, stay: Stay, stops: str = "") -> Reaction:
        """The keys of the next seconds, up to one that stops; else the end, or the caller hangs up."""
        keys, stopped_s = self._keypad.press_during(self.now_s, stay.seconds, stops)
        if stopped_s is not None:
            return Reaction(seconds=stopped_s, keys=keys)
        return Reaction(seconds=stay.seconds, keys=keys, hung_up=self._leave(stay.leaves))

    def _leave(self, leaves: bool) -> bool:
        self.hung_up = self.hung_up or leaves
        return leaves

    # ── being asked ─────────────────────────────────────────────────────────────────────────────

    def _collect(self, asked: Collect) -> Reaction:
        if self.hung_up:
            return _GONE
        if asked.first:
            self._tries[(asked.step, asked.what)] += 1
            self._asked = self._barged_in and bool(asked.so_far)
            self._barged_in = False
        stay = self._stay(asked.module, asked.timeout_s)
        if stay.leaves and stay.seconds == 0:
            return Reaction(seconds=0.0, hung_up=self._leave(True))
        if not self._keypad and not self._asked and self._hangs_up_when_asked(asked):
            return Reaction(seconds=0.0, hung_up=self._leave(True))
        wait_s = self._keypad.next_in(self.now_s)
        if wait_s is not None and (wait_s < stay.seconds or (wait_s == stay.seconds and not stay.leaves)):
            return Reaction(seconds=wait_s, keys=self._keypad.press())
        return Reaction(seconds=stay.seconds, hung_up=self._leave(stay.leaves))

    def _hangs_up_when_asked(self, asked: Collect) -> bool:
        """Let the script answer for this collection; does it say to hang up?"""
        self._asked = True
        entry = self._ask(KEYS, asked, asked.so_far) or Silence()
        self._pressed.append(str(entry))
        if isinstance(entry, Keys):
            self._keypad.type(entry.keys, self.now_s)
        return isinstance(entry, HangUp)

    def _ask(self, asks: str, asked: Collect | Record, so_far: str = "") -> Entry | None:
        prompts, self._prompts = tuple(self._prompts), []
        return self._presses.take(
            Situation(
                asks=asks,
                what=asked.what,
                prompts=prompts,
                heard=tuple(self._heard),
                so_far=so_far,
                attempt=self._tries[(asked.step, asked.what)],
                collection=self._tries.total(),
                at_s=self.now_s,
            )
        )

    def _record(self, asked: Record) -> Recorded:
        if self.hung_up:
            return Recorded(seconds=0.0, ended="lost", silent=True)
        self._tries[(asked.step, asked.what)] += 1
        entry = self._ask(RECORDING, asked) or self._usual_recording(asked)
        self._pressed.append(str(entry))
        if isinstance(entry, HangUp):
            entry = Speech(0.0, hang_up=True)
        result = recorded(asked, entry if isinstance(entry, Speech) else Speech(0.0))
        return self._cut_short(asked, result)

    def _usual_recording(self, asked: Record) -> Speech:
        told = self._caller.usual_recording()
        if told is None and self._presses.complete:
            return Speech(0.0)
        return told or usual_speech(asked, self._settings)

    def _cut_short(self, asked: Record, result: Recorded) -> Recorded:
        """A recording that a key of before, or the caller's leaving, may end earlier."""
        stay = self._stay(asked.module, result.seconds)
        keys, stopped_s = self._keypad.press_during(self.now_s, stay.seconds, asked.stops)
        if stopped_s is not None:
            return Recorded(seconds=stopped_s, ended="key", key=keys[-1], silent=result.silent or stopped_s == 0)
        if self._leave(stay.leaves):
            silent = result.silent or stay.seconds == 0
            return Recorded(seconds=stay.seconds, ended="hangup", silent=silent)
        self._leave(result.ended == "hangup")
        return result

    # ── others, and facts ───────────────────────────────────────────────────────────────────────

    def _reach(self, asked: Reach) -> Reached:
        if self.hung_up:
            return Reached(result="canceled", hung_up=True, reason="the caller had left")
        end = ring(asked, self._parties, self._settings)
        talk_s = end.talk_s if asked.limit_s is None else min(end.talk_s, asked.limit_s)
        stay = self._stay(asked.module, end.ring_s + talk_s)
        keys, stopped_s = self._keypad.press_during(self.now_s, stay.seconds, asked.stops)
        if stopped_s is not None:
            return _stopped(end, stopped_s, keys)
        left = self._leave(stay.leaves or (asked.caller_leaves and end.result == "answered"))
        if stay.leaves and (end.result != "answered" or stay.seconds < end.ring_s):
            return Reached(result="canceled", ring_s=stay.seconds, hung_up=True, keys=keys, reason="the caller gave up")
        return Reached(
            result=end.result,
            ring_s=end.ring_s,
            talk_s=stay.seconds - end.ring_s if stay.leaves else talk_s,
            hung_up=left,
            target=end.target,
            cause=end.cause,
            code=end.code,
            keys=keys,
            reason=end.reason,
        )

    def _lookup(self, asked: Lookup) -> Any:
        self._looked_up[(asked.kind, asked.key)] = None
        return self._account.fact(asked.kind, asked.key, at_s=self.now_s)


def _stopped(end: Reached, at_s: float, keys: str) -> Reached:
    """A ringing, or the talk behind it, that a key of the caller's ends; they stay on the line."""
    why = f"the caller pressed {keys[-1]}"
    if end.result != "answered" or at_s < end.ring_s:
        return Reached(result="canceled", ring_s=at_s, keys=keys, reason=why)
    return end._replace(talk_s=at_s - end.ring_s, keys=keys, reason=f"{end.reason}; {why}")
