"""vcrpy's JSON format: for large batches, as ``json`` reads it several times faster than any YAML.

One interaction a line. JSON has no bytes: a body that isn't UTF-8 is written with U+FFFD where it isn't, which
is what stock vcrpy replays, and whole as ``body_base64``, which is what counts here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from pivotkit.cassette.damage import conflict_line
from pivotkit.errors import CassetteError


def to_json(data: Mapping[str, Any]) -> str:
    """The text of a cassette. Raises: CassetteError where a value is none that JSON has."""
    try:
        interactions = ",\n".join([_dumps(_interaction(item)) for item in data["interactions"]])
        others = [f",\n{_dumps(key)}: {_dumps(value)}" for key, value in data.items() if key != "interactions"]
        text = f'{{"interactions": [\n{interactions}\n]{"".join(others)}}}\n'
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        raise CassetteError(f"half a surrogate pair (U+{code:04X}) in a text: no cassette can hold that") from None
    except (TypeError, ValueError) as error:
        raise CassetteError(f"a value is none that JSON has, so no cassette can hold it: {error}") from None
    return text


def read_json(text: str) -> Any:
    """The data of a JSON text. Raises: CassetteError with the line where it isn't JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise CassetteError("is nested too deeply for a cassette; restore it, or record again") from None
    except json.JSONDecodeError as error:
        line = conflict_line(text)
        if line is not None:
            raise CassetteError("git left a merge conflict here; resolve it, or record again", line=line) from None
        raise CassetteError(
            f"isn't JSON, or was cut off: {error.msg}; restore it, or delete it and record again", line=error.lineno
        ) from None
    except ValueError:  # Python reads no whole numbers of thousands of digits
        raise CassetteError("has a number that is too long; restore it, or delete it and record again") from None


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _interaction(item: Mapping[str, Any]) -> Mapping[str, Any]:
    request, response = item["request"], item["response"]
    own = response["pivotkit"]
    partial = own.get("failure", {}).get("partial")
    extra: dict[str, str] = {}
    body = _lossy(request["body"], extra, "request_body_base64")
    if partial is not None and isinstance(partial["body"]["string"], bytes):
        own = {**own, "failure": {**own["failure"], "partial": _response(partial)}}
    if extra:
        request, own = {**request, "body": body}, {**own, **extra}
    if own is not response["pivotkit"] or isinstance(response["body"]["string"], bytes):
        response = _response({**response, "pivotkit": own})
    return {"request": request, "response": response}


def _response(response: Mapping[str, Any]) -> dict[str, Any]:
    extra: dict[str, str] = {}
    body = _lossy(response["body"]["string"], extra, "body_base64")
    own = {**response.get("pivotkit", {}), **extra}
    return {**response, "body": {"string": body}, **({"pivotkit": own} if own else {})}


def _lossy(body: str | bytes | None, extra: dict[str, str], key: str) -> str | None:
    if not isinstance(body, bytes):
        return body
    extra[key] = base64.b64encode(body).decode()
    return body.decode(errors="replace")
