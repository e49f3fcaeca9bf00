"""An account's documents from a folder of JSON files, as Crossbar hands them out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pivotkit.errors import FlowFileError

KIND_OF_FOLDER: Final[dict[str, str]] = {
    "accounts": "account",
    "agents": "agent",
    "callflows": "callflow",
    "conferences": "conference",
    "devices": "device",
    "directories": "directory",
    "faxboxes": "faxbox",
    "functions": "function",
    "groups": "group",
    "list_entries": "list_entry",
    "lists": "list",
    "locations": "location",
    "media": "media",
    "menus": "menu",
    "queues": "queue",
    "temporal_rules": "temporal_rule",
    "temporal_rules_sets": "temporal_rule_set",
    "temporal_rule_sets": "temporal_rule_set",
    "users": "user",
    "vmboxes": "voicemail",
    "voicemails": "voicemail",
    "voicemail_boxes": "voicemail",
}
"""The name of a folder → the kind of what is in it. Crossbar's own names are among them."""
_KIND_OF_TYPE: Final = {kind: kind for kind in KIND_OF_FOLDER.values()} | {"vmbox": "voicemail"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One document, and the file that it came from."""

    kind: str  # as `Lookup` has it: user, menu, voicemail …
    id: str
    content: Mapping[str, Any]
    file: Path


def read_documents(folder: Path) -> Iterator[Stored]:
    """The documents of all ``.json`` files in a folder and the folders in it, by the names of the files.

    A file holds one document or a list of them, bare or in Crossbar's envelope (``{"data": …}``). The kind is
    what ``pvt_type`` or ``type`` says, else what the folder is called (`KIND_OF_FOLDER`). The id is ``id`` or
    ``_id``, else the file's name. Deleted documents are passed over. Raises FlowFileError, with file and line.
    """
    if not folder.is_dir():
        raise FlowFileError(f"{folder}: there is no such folder; an account is a folder of JSON documents")
    files = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if not files:
        raise FlowFileError(f"{folder}: there is no .json file in it; put documents into users/, menus/, media/ …")
    seen: dict[tuple[str, str], Path] = {}
    for path in files:
        for stored in _File(path).documents():
            earlier = seen.setdefault((stored.kind, stored.id), path)
            if earlier is not path:
                raise FlowFileError(f"{path}: the {stored.kind} {stored.id!r} stands in {earlier}, too: remove one")
            yield stored


class _File:
    """One file while it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8-sig")
            self.value = json.loads(self.text)
        except OSError as error:
            raise FlowFileError(f"{path}: can't read it: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise FlowFileError(f"{path}: not UTF-8 text (byte {error.start})") from None
        except json.JSONDecodeError as error:
            raise FlowFileError(f"{path}:{error.lineno}: not JSON: {error.msg} (column {error.colno})") from None
        except RecursionError:
            raise FlowFileError(f"{path}: nested too deeply to be an account's document") from None

    def documents(self) -> Iterator[Stored]:
        value, pointer = self.value, ""
        if isinstance(value, dict) and isinstance(value.get("data"), (dict, list)):
            value, pointer = value["data"], "/data"
        if not isinstance(value, list):
            yield from self._document(value, pointer, self.path.stem)
            return
        for index, content in enumerate(value):
            yield from self._document(content, f"{pointer}/{index}", "")

    def _document(self, content: Any, pointer: str, name: str) -> Iterator[Stored]:
        if not isinstance(content, dict):
            raise self._wrong(pointer, f"a document is a JSON object, not {content!r:.40}")
        if content.get("pvt_deleted") is True:
            return
        doc_id = content.get("id", content.get("_id", name))
        if not isinstance(doc_id, str) or not doc_id:
            raise self._wrong(pointer, "this document of a list has no 'id' (text)")
        yield Stored(self._kind(content, pointer), doc_id, content, self.path)

    def _kind(self, content: Mapping[str, Any], pointer: str) -> str:
        own = content.get("pvt_type")
        if isinstance(own, str):  # a kind that pivotkit has no use for is kept under its own name
            return _KIND_OF_TYPE.get(own, own)
        named = _KIND_OF_TYPE.get(str(content.get("type"))) or KIND_OF_FOLDER.get(self.path.parent.name)
        if named is None:
            known = ", ".join(KIND_OF_FOLDER)
            raise self._wrong(
                pointer, f"what kind of document is this? Say it in 'pvt_type', or put it into a folder named {known}"
            )
        return named

    def _wrong(self, pointer: str, message: str) -> FlowFileError:
        from pivotkit.kazoo.json_places import JsonPlaces  # only for a mistake

        line, _ = JsonPlaces(self.text).find(pointer)
        return FlowFileError(f"{self.path}:{line}: {message}")
