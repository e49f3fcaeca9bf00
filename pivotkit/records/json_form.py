"""Records as JSON and back, exactly: ``from_json(type(r), to_json(r)) == r`` for every record in `http` and `trace`.

What a call asks of the world and is answered (`effects`) is over when the call is: it has no JSON form.

    str int float bool None   themselves (no NaN, no infinity)
    bytes                     their text, or {"base64": "…"} where they aren't UTF-8
    datetime                  ISO 8601, microseconds and offset kept
    tuple                     a list
    a record                  an object: fields in the order of the class, those at their default left out
    Mapping[str, Any]         an object of plain JSON; tuples in it become lists

The classes' own annotations say which is which: a new field or record needs no line here.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import difflib
import functools
import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from pivotkit.errors import RecordError

T = TypeVar("T")


def to_json(record: Any) -> dict[str, Any]:
    """The JSON form of a record: dicts, lists, strings, numbers, booleans and None.

    Raises RecordError where a value has no JSON form (a set in a tag, NaN); it names the path.

    >>> from pivotkit.records.trace import Heard
    >>> to_json(Heard(step=1, at_s=0.5, medium="tts", prompt="Press 1."))
    {'step': 1, 'at_s': 0.5, 'medium': 'tts', 'prompt': 'Press 1.'}
    """
    try:
        form: dict[str, Any] = _record_codec(type(record)).write(record)
    except _MisfitError as misfit:
        raise misfit.as_record_error() from None
    return form


def from_json(cls: type[T], value: Any) -> T:
    """The record of class ``cls`` whose JSON form is ``value``.

    Raises RecordError where the form doesn't fit the class: a field missing, unknown or of
    another type; it names the path.

    >>> from pivotkit.records.trace import CallRecord
    >>> from_json(CallRecord, {"call_id": "a", "steps": [{"step": "1"}]})
    Traceback (most recent call last):
    pivotkit.errors.RecordError: $.steps[0].step: a whole number is wanted, not "1"
    """
    try:
        record: T = _record_codec(cls).read(value)
    except _MisfitError as misfit:
        raise misfit.as_record_error() from None
    return record


class _MisfitError(Exception):
    """A value that doesn't fit; each container on the way up adds its step to the path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.steps: list[str] = []

    def below(self, step: str) -> _MisfitError:
        self.steps.append(step)
        return self

    def as_record_error(self) -> RecordError:
        return RecordError("$" + "".join(reversed(self.steps)), self.message)


class _Codec(NamedTuple):
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _unlike(wanted: str, value: Any) -> _MisfitError:
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    return _MisfitError(f"{wanted} is wanted, not {shown if len(shown) <= 60 else shown[:59] + '…'}")


# ── values ──────────────────────────────────────────────────────────────────────────────────────


def _as_is(value: Any) -> Any:
    return value


def _exactly(kind: type, wanted: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # True is an int to isinstance
            raise _unlike(wanted, value)
        return value

    return read


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _MisfitError(f"JSON has no number for {value!r}")
    return value


def _read_float(value: Any) -> float:
    if type(value) not in (int, float):
        raise _unlike("a number", value)
    try:
        return _finite(float(value))
    except OverflowError:
        raise _unlike("a number that fits a double", value) from None


def _write_bytes(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _read_bytes(value: Any) -> bytes:
    try:
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, Mapping) and set(value) == {"base64"}:
            return base64.b64decode(value["base64"], validate=True)
    except (UnicodeEncodeError, binascii.Error, TypeError, ValueError):
        pass
    raise _unlike('text or {"base64": "…"}', value)


def _read_datetime(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _unlike("an ISO 8601 date and time", value) from None


def _plain(value: Any) -> Any:
    """A value of free JSON, copied."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        return {_key(key): _below(f".{key}", _plain, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_below(f"[{i}]", _plain, item) for i, item in enumerate(value)]
    raise _MisfitError(f"a {type(value).__name__} has no JSON form: give a string, a number, a list or a dict")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise _MisfitError(f"the key {key!r} isn't a string")
    return key


def texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, but for names of members.

    >>> list(texts({"a": "one", "b": ["two", 3]}))
    ['one', 'two']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def _below(step: str, do: Callable[[Any], Any], value: Any) -> Any:
    try:
        return do(value)
    except _MisfitError as misfit:
        raise misfit.below(step) from None


def _read_mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _unlike("an object", value)
    copied: dict[str, Any] = _plain(value)
    return copied


# ── containers ──────────────────────────────────────────────────────────────────────────────────


def _tuple_of(item: _Codec) -> _Codec:
    def write(value: tuple[Any, ...]) -> list[Any]:
        return [_below(f"[{i}]", item.write, each) for i, each in enumerate(value)]

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _unlike("a list", value)
        return tuple([_below(f"[{i}]", item.read, each) for i, each in enumerate(value)])

    return _Codec(write, read)


def _tuple_of_each(items: tuple[_Codec, ...]) -> _Codec:
    def write(value: tuple[Any, ...]) -> list[Any]:
        return [item.write(each) for item, each in zip(items, value, strict=True)]

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(items):
            raise _unlike(f"a list of {len(items)}", value)
        return tuple([_below(f"[{i}]", items[i].read, each) for i, each in enumerate(value)])

    return _Codec(write, read)


def _optional(item: _Codec) -> _Codec:
    return _Codec(
        lambda value: None if value is None else item.write(value),
        lambda value: None if value is None else item.read(value),
    )


_NOTHING = object()


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else _NOTHING


def _record(cls: Any) -> _Codec:
    hints = typing.get_type_hints(cls)
    fields = {field.name: (_codec(hints[field.name]), _default(field)) for field in dataclasses.fields(cls)}
    required = [name for name, (_, default) in fields.items() if default is _NOTHING]

    def write(record: Any) -> dict[str, Any]:
        form = {}
        for name, (codec, default) in fields.items():
            value = getattr(record, name)
            if value is default or (value == default and type(value) is type(default)):
                continue
            form[name] = _below(f".{name}", codec.write, value)
        return form

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _unlike(f"an object ({cls.__name__})", value)
        for name in required:
            if name not in value:
                raise _MisfitError(f"the field {name!r} of {cls.__name__} is missing")
        given = {name: _below(f".{name}", _field(name).read, item) for name, item in value.items()}
        try:
            return cls(**given)
        except ValueError as error:  # a record's own rule
            raise _MisfitError(str(error)) from None

    def _field(name: str) -> _Codec:
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            mean = f"did you mean {near[0]!r}?" if near else "it was written by another version of pivotkit, or by hand"
            raise _MisfitError(f"{cls.__name__} has no field {name!r}: {mean}")
        return fields[name][0]

    return _Codec(write, read)


_record_codec: Callable[[Any], _Codec] = functools.cache(_record)


# ── which codec a type has ──────────────────────────────────────────────────────────────────────

_SCALARS: dict[Any, _Codec] = {
    str: _Codec(_as_is, _exactly(str, "text")),
    int: _Codec(_as_is, _exactly(int, "a whole number")),
    bool: _Codec(_as_is, _exactly(bool, "true or false")),
    float: _Codec(_finite, _read_float),
    bytes: _Codec(_write_bytes, _read_bytes),
    datetime: _Codec(datetime.isoformat, _read_datetime),
    Any: _Codec(_plain, _plain),
}


def _codec(hint: Any) -> _Codec:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if dataclasses.is_dataclass(hint):
        return _record_codec(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union) and len(args) == 2 and types.NoneType in args:
        return _optional(_codec(args[args[0] is types.NoneType]))
    if origin is tuple:
        variadic = len(args) == 2 and args[1] is Ellipsis
        return _tuple_of(_codec(args[0])) if variadic else _tuple_of_each(tuple(_codec(arg) for arg in args))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _Codec(_plain, _read_mapping)
    raise TypeError(f"{hint!r} has no JSON form")
