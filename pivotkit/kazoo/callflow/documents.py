"""Documents of the account that a module opens by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_OPEN_TO_FLOWS: Final = ("user", "device", "location", "group")


class Document(NamedTuple):
    """A stored document, or the lack of it.

    An account that tells of no document of the kind doesn't say that this one is missing: then
    ``missing`` is False and ``content`` is empty.
    """

    content: Mapping[str, Any] = MappingProxyType({})
    missing: bool = False


def find(call: CallState, node: Node, kind: str, doc_id: str) -> Script[Document]:
    """Open a document; one that the account doesn't have is a warning.

    ``kind`` is that of `Lookup`: menu, user, device, group, voicemail, media, or any key of ``Account.other``.
    """
    found: Any = yield from talk.lookup(kind, doc_id)
    if found is not None and found is not False:
        return Document(found if isinstance(found, Mapping) else {})
    told: Any = yield from talk.lookup("told", kind)
    if not told:
        return Document()
    where = f"{node.path} ({kind} {doc_id})"
    yield from talk.warn(call, "not_in_account", where, f"the account has no {kind.replace('_', ' ')} {doc_id!r}")
    return Document(missing=True)


def look_for_media(call: CallState, node: Node, media: str) -> Script[None]:
    """Warn of a media file that the account doesn't have. What has a ``/`` in it is used as it stands."""
    if media and "/" not in media:
        yield from find(call, node, "media", media)


def any_document(doc_id: str) -> Script[Mapping[str, Any]]:
    """The user, device, location or group of that id: 5.x lets a flow look into these. Empty if there is none."""
    for kind in _OPEN_TO_FLOWS:
        found: Any = yield from talk.lookup(kind, doc_id)
        if isinstance(found, Mapping):
            return found
    return {}
