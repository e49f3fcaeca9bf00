"""Reading TwiML with lxml, exactly as strictly as Kazoo's XML reader (contract, section d).

Nothing is fetched and no file is read, whatever a document declares.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from pivotkit.kazoo.sniff import looks_like
from pivotkit.kazoo.twiml.document import Document
from pivotkit.kazoo.twiml.problem import TwimlProblem
from pivotkit.kazoo.twiml.source import any_version, marked
from pivotkit.kazoo.twiml.tree import Builder, Pieces, qualified

if TYPE_CHECKING:
    from lxml.etree import _Element

_LATIN: Final = frozenset({"iso-8859-1", "latin1", "iso-8859-15", "us-ascii", "ascii"})
"""Encodings that Kazoo's reader takes for Latin-1."""
_DECLARED: Final = re.compile(rb"""<\?xml\b[^>]*?\sencoding\s*=\s*(["'])(?P<name>.*?)\1""", re.DOTALL)
_BOM: Final = b"\xef\xbb\xbf"
_HEAD: Final = 1000  # the declaration is looked for in so many bytes
_UTF_16: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)

_HARMLESS: Final = frozenset({"ERR_DOCUMENT_END", "ERR_UNKNOWN_VERSION"})
"""Fatal for lxml, fine for Kazoo: text behind the root, any version."""
_FATAL_WARNING: Final = "WAR_UNDECLARED_ENTITY"
_TOO_MUCH: Final = "ERR_RESOURCE_LIMIT"  # an entity bomb, or more than 256 levels

_HINTS: Final[dict[str, str]] = {
    "ERR_UNDECLARED_ENTITY": "XML only knows &amp; &lt; &gt; &quot; &apos;: write a number, as &#160; for &nbsp;",
    "WAR_UNDECLARED_ENTITY": "XML only knows &amp; &lt; &gt; &quot; &apos;: write a number, as &#160; for &nbsp;",
    "ERR_NAME_REQUIRED": "a bare & is written &amp;",
    "ERR_ENTITYREF_SEMICOL_MISSING": "a bare & is written &amp; (in URLs too)",
    "ERR_TAG_NAME_MISMATCH": "every tag is closed by one of the same name, upper and lower case included",
    "ERR_TAG_NOT_FINISHED": "the document ends too early: is a closing tag missing, or was the answer cut short?",
    "ERR_GT_REQUIRED": "the document ends too early, or a tag lacks its >",
    "ERR_RESERVED_XML_NAME": '<?xml version="1.0"?> must be the very first thing, with nothing in front of it',
    "ERR_ATTRIBUTE_REDEFINED": "an attribute may stand in a tag only once",
    "ERR_ATTRIBUTE_NOT_STARTED": "values of attributes stand in quotes",
    "ERR_LT_IN_ATTRIBUTE": "in a value < is written &lt;",
    "ERR_HYPHEN_IN_COMMENT": "-- may not stand inside a comment",
    "ERR_MISPLACED_CDATA_END": "in text ]]> is written ]]&gt;",
    "ERR_INVALID_CHAR": "XML has no control characters, not even written as numbers",
}


def read(body: bytes, max_depth: int) -> Document:
    """Read a TwiML document.

    Raises:
        TwimlProblem: Kazoo doesn't recognise it, or it is nested deeper than `max_depth` levels.
    """
    text = any_version(_as_utf8(body))
    root = _well_formed(text, body)
    _check_doctype(root)
    if qualified(root) != "Response":
        raise _wrong_root(root, body)
    if (shown := marked(text)) != text:
        root = _well_formed(shown, body)
    return Document(Builder(max_depth, Pieces(root) if b"<![CDATA[" in text else None).element(root))


def _well_formed(text: bytes, body: bytes) -> _Element:
    """The root of a document that Kazoo finds well-formed; `body` is what was sent, for hints."""
    # A parser of its own each time: its error log isn't shared between threads then.
    parser = etree.XMLParser(
        recover=True,
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        strip_cdata=False,
        encoding="utf-8",
    )
    try:
        root: _Element | None = etree.fromstring(text, parser)
    except etree.XMLSyntaxError:
        root = None
    _check_log(parser, body)
    if root is None:
        raise _not_xml(body)
    return root


def _as_utf8(body: bytes) -> bytes:
    """The text in UTF-8 without BOM, by the encoding that its first bytes show or declare."""
    if body.startswith(_BOM):
        return body[len(_BOM) :]
    for start, encoding in _UTF_16:
        if body.startswith(start):
            return _decoded(body, encoding).lstrip("\ufeff").encode()
    declared = _DECLARED.match(body[:_HEAD])
    name = declared["name"].decode("latin-1") if declared else "utf-8"
    if name.lower() in _LATIN:
        return body.decode("latin-1").encode()
    if name.lower() == "utf-8":
        return body
    raise TwimlProblem(
        "twiml_syntax_error",
        f"the document says encoding={name!r}, " + ("but isn't" if name.lower() == "utf-16" else "which Kazoo lacks"),
        line=1,
        hint='send UTF-8 and say encoding="UTF-8", or nothing at all',
    )


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise TwimlProblem("twiml_syntax_error", f"the document begins as UTF-16, but {error.reason}") from error


def _check_log(parser: etree.XMLParser, body: bytes) -> None:
    """Recovery repairs broken documents; only the log tells that they were broken."""
    for entry in parser.error_log:
        kind = entry.type_name
        if kind == _TOO_MUCH:
            raise TwimlProblem("too_deep", f"the document is too much to read: {entry.message.strip()}", entry.line)
        if kind == "ERR_DOCUMENT_EMPTY":
            raise _not_xml(body)
        if (entry.level_name == "FATAL" and kind not in _HARMLESS) or kind == _FATAL_WARNING:
            raise TwimlProblem(
                "twiml_syntax_error",
                entry.message.strip(),
                line=entry.line,
                column=entry.column,
                hint=_HINTS.get(kind, _suspect(body)),
            )


def _not_xml(body: bytes) -> TwimlProblem:
    return TwimlProblem("twiml_syntax_error", "this is no XML document", line=1, column=1, hint=_suspect(body))


def _suspect(body: bytes) -> str:
    """What the body looks like, where it isn't TwiML."""
    looks = looks_like(body)
    if looks in ("a callflow", "JSON"):
        return f"the body looks like {looks}: send it as application/json"
    return f"the body looks like {looks}" if looks not in ("", "TwiML", "XML") else ""


def _wrong_root(root: _Element, body: bytes) -> TwimlProblem:
    name = qualified(root)
    near = "names are case-sensitive, and prefixes count" if name.lower().endswith("response") else _suspect(body)
    return TwimlProblem(
        "twiml_syntax_error",
        f"the document's root is <{name}>, Kazoo wants <Response>",
        line=root.sourceline or 0,
        hint=near,
    )


def _check_doctype(root: _Element) -> None:
    """Kazoo reads local files that a document names; pivotkit refuses such a document (i-33)."""
    docinfo = root.getroottree().docinfo
    named = [docinfo.system_url]
    if docinfo.internalDTD is not None:
        named += [getattr(entity, "system_url", None) for entity in docinfo.internalDTD.iterentities()]
    local = next((url for url in named if url is not None and not re.match(r"https?://", url)), None)
    if local is not None:
        raise TwimlProblem(
            "twiml_syntax_error",
            f"the DOCTYPE names a local file, {local!r}",
            line=1,
            hint="Kazoo would read that file from its own disk; leave the DOCTYPE out",
        )
