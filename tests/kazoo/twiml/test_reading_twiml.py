"""What Kazoo's XML reader takes for TwiML, and what it keeps of it (contract, section d)."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivotkit.kazoo.twiml import TwimlProblem, parse
from pivotkit.kazoo.twiml.document import Text


def problem(body: str | bytes, max_depth: int = 200) -> TwimlProblem:
    """The problem that a body makes."""
    with pytest.raises(TwimlProblem) as caught:
        parse(body if isinstance(body, bytes) else body.encode(), max_depth=max_depth)
    return caught.value


def said(inside: str) -> str:
    """The text of a Say with that inside."""
    return parse(f"<Response><Say>{inside}</Say></Response>".encode()).root.elements[0].text


@pytest.mark.parametrize(
    "body",
    [
        "<Response><Hangup/></Response>behind",
        "<Response><Hangup/></Response>&<",
        "<Response><Hangup/></Response><Response/>",
        "<Response><Hangup/></Response><!-- fine -->",
        "\ufeff<Response><Hangup/></Response>",
        "\ufeff<?xml version='1.0'?><Response><Hangup/></Response>",
        "\n <!-- c --><?pi x?> <Response><Hangup/></Response>",
        "<?xml version='7.3'?><Response><Hangup/></Response>",
        "<Response><x:y z:a='1'/></Response>",
        "<!DOCTYPE Response><Response><Hangup/></Response>",
        "<!DOCTYPE Response SYSTEM 'http://127.0.0.1:1/x.dtd'><Response><Hangup/></Response>",
        "<!DOCTYPE Response [<!ENTITY e '<Hangup/>'>]><Response>&e;</Response>",
        "<?xml version='1.0' encoding='uTF-8'?><Response><Hangup/></Response>",
    ],
)
def test_kazoo_takes_it(body: str) -> None:
    """Kazoo's reader is lenient here, and so is pivotkit."""
    assert parse(body.encode()).root.name == "Response"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (" <?xml version='1.0'?><Response/>", "very first thing"),
        ("<?xml?><Response/>", "very first thing"),
        ("<Response a='1' a='2'/>", "only once"),
        ("<Response a=1/>", "in quotes"),
        ("<Response a='<'/>", "&lt;"),
        ("<Response>a & b</Response>", "&amp;"),
        ("<Response><Play>http://h/?a=1&b=2</Play></Response>", "&amp;"),
        ("<Response>&nbsp;</Response>", "&#160;"),
        ("<!DOCTYPE Response SYSTEM 'http://127.0.0.1:1/x'><Response>&nbsp;</Response>", "&#160;"),
        ("<Response>]]></Response>", "]]&gt;"),
        ("<Response>&#1;</Response>", "control characters"),
        ("<Response><!-- a -- b --></Response>", "inside a comment"),
        ("<Response><Say>Hi</say></Response>", "same name"),
        ("<Response><Say>Hi</Say>", "too early"),
        ("<Response/><!-- ", ""),
        ("<Response/><?pi ", ""),
        ("<response/>", "case-sensitive"),
        ("<r:Response xmlns:r='u'/>", "prefixes count"),
        ("<!DOCTYPE html><html><body>Oops</body></html>", "HTML page"),
        ('{"module": "hangup"}', "application/json"),
        ("<?xml version='1.0' encoding='windows-1252'?><Response/>", "UTF-8"),
        ("<?xml version='1.0' encoding='utf8'?><Response/>", "UTF-8"),
        ("<?xml version='1.0' encoding='utf-16'?><Response/>", "UTF-8"),
        ("<!DOCTYPE Response SYSTEM 'local.dtd'><Response/>", "own disk"),
        ("<!DOCTYPE Response [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><Response>&e;</Response>", ""),
        ("<!DOCTYPE Response [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><Response/>", "own disk"),
        ("<!DOCTYPE Response [<!ENTITY % e SYSTEM 'x.dtd'>]><Response/>", "own disk"),
    ],
)
def test_kazoo_does_not_take_it(body: str, hint: str) -> None:
    """It is no TwiML for Kazoo; the hint says what to mend."""
    found = problem(body)

    assert found.kind == "twiml_syntax_error"
    assert hint in found.hint
    assert found.message


def test_a_problem_tells_its_line_and_column() -> None:
    """Both count from 1."""
    found = problem("<Response>\n  <Say>a & b</Say>\n</Response>")

    assert (found.line, found.column) == (2, 11)
    assert str(found).startswith("line 2, column 11: ")


@pytest.mark.parametrize("name", ["iso-8859-1", "ISO-8859-1", "latin1", "iso-8859-15", "us-ascii", "ASCII"])
def test_some_encodings_are_taken_for_latin_1(name: str) -> None:
    """Over HTTP the body is UTF-8 all the same, so é comes out as two characters."""
    body = f"<?xml version='1.0' encoding='{name}'?><Response><Say>é</Say></Response>"

    assert parse(body.encode()).root.elements[0].text == "Ã©"
    assert parse(body.encode("latin-1")).root.elements[0].text == "é"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read(encoding: str) -> None:
    """With a byte order mark or without."""
    assert parse("<Response><Say>é😀</Say></Response>".encode(encoding)).root.elements[0].text == "é😀"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("a<![CDATA[b]]>c", "abc"),
        ("<![CDATA[a]]>b", ""),
        (" <![CDATA[a]]>", "a"),
        ("a<!-- --><![CDATA[b]]>c", "ac"),
        ("a<!-- --> \n b", "ab"),
        ("a<?pi?> b", "a b"),
        ("a<b>bold</b>c", "ac"),
        ("a<b/> <b/>c", "a c"),
        ("a<b/>  <b/>c", "a  c"),
        ("\n \n a \n \n ", "a \n"),
        ("\t a \t", "\t a \t"),
        ("&#160;a", "\xa0a"),
    ],
)
def test_the_text_of_a_verb(inside: str, text: str) -> None:
    """Own runs are joined and trimmed, blanks between elements too; a run that begins with CDATA is lost."""
    assert said(inside) == text


def test_an_entity_may_hold_elements_and_cdata() -> None:
    """What it stands for is read as if it stood there."""
    body = b"<!DOCTYPE Response [<!ENTITY e 'b<![CDATA[c]]>'><!ENTITY f '<Hangup/>'>]><Response>a&e;&f;</Response>"
    document = parse(body)

    assert document.root.children[0] == Text("abc")
    assert document.root.elements[0].name == "Hangup"


def test_prefixes_and_namespaces_stay_visible() -> None:
    """Names are compared with their prefix, and a namespace declaration is an attribute."""
    root = parse(
        b"<Response xmlns='u'><Hangup xmlns='v'/><a:Say xmlns:a='w' a:b='1' xml:lang='en'/>"
        b"<c:d e:f='2'/><Play/></Response>"
    ).root
    hangup, say, undeclared, play = root.elements

    assert hangup.attributes == (("xmlns", "v"),)
    assert (say.name, say.attributes) == ("a:Say", (("xmlns:a", "w"), ("a:b", "1"), ("xml:lang", "en")))
    assert (undeclared.name, undeclared.attributes) == ("c:d", (("e:f", "2"),))
    assert play.attributes == ()


def test_only_a_document_with_nothing_at_all_is_contentless() -> None:
    """A blank, a comment or an instruction makes it an empty document instead."""
    contentless = [
        parse(body).contentless
        for body in (
            b"<Response/>",
            b"<Response a='1'></Response>",
            b"<Response> </Response>",
            b"<Response><!-- --></Response>",
            b"<Response><?pi?></Response>",
            b"<Response><![CDATA[]]></Response>",
        )
    ]

    assert contentless == [True, True, False, False, False, False]


def children(inside: str) -> list[str]:
    """What stands in a Response, in a few words."""
    kept = parse(f"<Response>{inside}</Response>".encode()).root.children
    return [child.value if isinstance(child, Text) else type(child).__name__ for child in kept]


def test_comments_and_instructions_are_kept() -> None:
    """As in Kazoo's tree, where they count as children; only a run of just one blank goes."""
    assert children("<!-- a --> <?pi?> b") == ["Comment", "Instruction", " b"]


@pytest.mark.parametrize(
    ("inside", "runs"),
    [
        ("x&amp;y &#65;z", ["x&y Az"]),
        ("<b/>x&amp;y &#65;z", ["Element", "x", "&y ", "Az"]),
        ("<b/>a&#32;", ["Element", "a"]),
        ("<!-- c --> &#32;b", ["Comment", " b"]),
        ("<b/>&amp;<![CDATA[x]]>&lt;", ["Element", "&", "x", "<"]),
        ("&#13;a", ["\na"]),
    ],
)
def test_a_reference_begins_a_run_behind_markup(inside: str, runs: list[str]) -> None:
    """In front of the first markup all is one run; and blanks behind a comment are skipped only as they are."""
    assert children(inside) == runs


@pytest.mark.parametrize("version", ["", "1", "10", "abc", "1.0a", ".0", "2.0", "_:-"])
def test_any_version_of_xml_is_taken(version: str) -> None:
    """As long as it is made of letters, digits and ``_.:-``."""
    assert parse(f'<?xml version="{version}" encoding="UTF-8"?><Response>a</Response>'.encode()).root.text == "a"


def test_a_version_of_other_characters_is_ill_formed() -> None:
    """Kazoo's reader gives up there."""
    assert problem(b'<?xml version="1 0"?><Response>a</Response>').kind == "twiml_syntax_error"


def test_namespace_declarations_are_attributes_in_their_order() -> None:
    """They are as good as any other, the empty and the repeated ones too."""
    response = parse(b"<Response xmlns='u'><Say b='1' xmlns:x='' xmlns='u' c='a\r\nb'/></Response>").root

    assert response.elements[0].attributes == (("b", "1"), ("xmlns:x", ""), ("xmlns", "u"), ("c", "a  b"))


@pytest.mark.parametrize("pair", ["a='1' a='2'", "x:a='1' x:a='2'", "xmlns='1' xmlns='2'", "xmlns:x='1' xmlns:x='2'"])
def test_two_attributes_of_one_name_are_ill_formed(pair: str) -> None:
    """Whatever prefix they have."""
    assert problem(f"<Response><Say {pair}/></Response>".encode()).kind == "twiml_syntax_error"


@pytest.mark.parametrize("levels", [201, 256, 10_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    """So many levels are read and no more, long before anything overflows."""
    body = b"<Response>" + b"<a>" * (levels - 1) + b"</a>" * (levels - 1) + b"</Response>"

    assert problem(body).kind == "too_deep"


def test_200_levels_are_read() -> None:
    """That many are promised."""
    assert parse(b"<Response>" + b"<a>" * 199 + b"</a>" * 199 + b"</Response>").root.name == "Response"


def test_an_entity_bomb_is_too_deep() -> None:
    """Entities that grow without measure are not unfolded."""
    nested = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    body = f"<!DOCTYPE Response [<!ENTITY e0 'ten letters'>{nested}]><Response>&e9;</Response>"

    assert problem(body).kind == "too_deep"


def test_lxml_is_loaded_with_the_first_document_only() -> None:
    """Whoever never reads TwiML doesn't pay for it."""
    code = (
        "import sys, pivotkit.kazoo.twiml as t; assert 'lxml' not in sys.modules;"
        "t.parse(b'<Response/>'); assert 'lxml' in sys.modules"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- any bytes at all ---------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        b"<Response>", b"</Response>", b"<Response/>", b"<Say>", b"</Say>", b"<Play/>", b"<Gather numDigits='1'>",
        b"</Gather>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"--", b"<?pi ", b"?>", b"&amp;", b"&#0;", b"&#x41;",
        b"&e;", b"&", b"<", b">", b"'", b'"', b" ", b"\n", b"\r", b"\t", b"\xff", b"\x00", b"\xef\xbb\xbf",
        b"<?xml version='1.0' encoding='utf-8'?>", b"<?xml encoding='latin1'?>", b"<!DOCTYPE Response [",
        b"<!ENTITY e 'x<b/>y'>", b"<!ENTITY e SYSTEM 'file:///dev/null'>", b"<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>",
        b"%p;", b"]>", b"xmlns='u'", b"x:y", b"text", b"\xc3\xa9", b"<a b='", b"\xff\xfe",
    ]
)  # fmt: skip


def kind_of(body: bytes) -> str:
    """What a body is taken for."""
    try:
        parse(body)
    except TwimlProblem as found:
        return found.kind
    return "document"


@given(st.binary(max_size=200) | st.lists(PIECES, max_size=25).map(b"".join))
@settings(max_examples=500, deadline=None)
def test_no_bytes_raise_anything_but_a_problem(body: bytes) -> None:
    """Whatever a server sends is a document or a problem."""
    assert kind_of(body) in ("document", "twiml_syntax_error", "too_deep")


TWIML = (
    b"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE Response [<!ENTITY e 'x'>]>\n<Response>\n"
    b"  <Gather action='a.php' numDigits=\"1\"><Say voice='man'>Press &e; &amp; 2<![CDATA[ <now> ]]></Say></Gather>\n"
    b"  <!-- then --><Dial callerId='+1'><Number>415 555</Number> <x:y xmlns:x='u'/></Dial>\n</Response>\n"
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_mutated_twiml_raises_nothing_but_a_problem(data: st.DataObject) -> None:
    """A byte changed, a part cut out or doubled."""
    start = data.draw(st.integers(0, len(TWIML)))
    end = data.draw(st.integers(start, len(TWIML)))
    body = TWIML[:start] + data.draw(st.binary(max_size=3) | st.just(TWIML[start:end] * 2)) + TWIML[end:]
    assert kind_of(body) in ("document", "twiml_syntax_error")
