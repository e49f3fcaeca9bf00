"""Mistakes that people make, and what is said of each: id, severity, place, and the telling part of the message."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

import pytest

from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.lint.reading import lint_text
from pivotkit.kazoo.profiles import PROFILES

JSON_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
XML_HEAD = "HTTP/2 200 \r\ncontent-type: text/xml\r\n\r\n"
FLOW = '{"module": "hangup", "data": {}}'
TWIML = "<Response><Hangup/></Response>"


@dataclass(frozen=True)
class Mistake:
    """A text, and the finding that has to be among those of it."""

    name: str
    text: str | bytes
    id: str
    severity: str
    where: str
    at: tuple[int, int]
    message: str  # part of it
    mend: str = ""  # part of it
    profiles: tuple[str, ...] = field(default=tuple(PROFILES))


REFUSES, IGNORES, DIFFERS, TWILIO = "refuses", "ignores", "differs", "twilio"

IN_JSON = (
    Mistake(
        "wrong case in a module's name", '{"module": "Play", "data": {"id": "x"}}',
        "unknown_module", REFUSES, "/module", (1, 12), "unknown module 'Play'", "write 'play'",
    ),
    Mistake(
        "a misspelt module, in a child",
        '{"module": "tts", "data": {"text": "x"},\n "children": {"_": {"module": "paly"}}}',
        "unknown_module", REFUSES, "/children/_/module", (2, 31), "did you mean 'play'?", "write 'play'",
    ),
    Mistake(
        "another platform's word for a module", '{"module": "say", "data": {"text": "x"}}',
        "unknown_module", REFUSES, "/module", (1, 12), "unknown module 'say'", "write 'tts'",
    ),
    Mistake(
        "media for id", '{"module": "play", "data": {"media": "hi.wav"}}',
        "unknown_field", IGNORES, "/data/media", (1, 29), "play has no field 'media'", "did you mean 'id'?",
    ),
    Mistake(
        "children as a list", '{"module": "tts", "data": {"text": "x"}, "children": [{"module": "hangup"}]}',
        "type", REFUSES, "/children", (1, 54), "children: this is a list, Kazoo wants an object", '{"_": {"module"',
    ),
    Mistake(
        "a number in quotes", '{"module": "collect_dtmf", "data": {"max_digits": "4"}}',
        "type", REFUSES, "/data/max_digits", (1, 51), "'4' is a string, Kazoo wants an integer",
        "write 4 without quotes",
    ),
    Mistake(
        "digits as a number", '{"module": "collect_dtmf", "data": {"collection_name": 42}}',
        "type", REFUSES, "/data/collection_name", (1, 56), "42 is an integer, Kazoo wants a string", 'quotes: "42"',
    ),
    Mistake(
        "a flag in quotes", '{"module": "play", "data": {"id": "x", "answer": "true"}}',
        "type", REFUSES, "/data/answer", (1, 50), "Kazoo wants true or false", "write true without quotes",
    ),
    Mistake(
        "a required field is missing", '{"module": "tts", "data": {}}',
        "required", REFUSES, "/data/text", (1, 27), "data has no 'text'",
    ),
    Mistake(
        "data is missing", '{"module": "hangup"}',
        "data_missing", IGNORES, "", (1, 1), "the hangup action has no 'data'", 'write "data" into the action',
    ),
    Mistake(
        "the data stand beside the module", '{"module": "tts", "text": "x"}',
        "required", REFUSES, "/data/text", (1, 1), "text stands beside 'module' and belongs inside 'data'",
    ),
    Mistake(
        "an empty child", '{"module": "hangup", "data": {}, "children": {"_": {}}}',
        "required", REFUSES, "/children/_/module", (1, 52), "is an empty object: that is no action", "leave it out",
    ),
    Mistake(
        "flow around the answer", '{"flow": {"module": "hangup", "data": {}}}',
        "required", REFUSES, "/module", (1, 1), "the flow has no 'module'", "send what stands under 'flow' alone",
    ),
    Mistake(
        "a list of actions", '[{"module": "answer"}, {"module": "hangup"}]',
        "type", REFUSES, "", (1, 1), "the flow is a list", "the next one goes into its children, under '_'",
    ),
    Mistake(
        "JSON inside JSON", '"{\\"module\\": \\"hangup\\"}"',
        "type", REFUSES, "", (1, 1), "the flow is a string", "encoded as JSON twice",
    ),
    Mistake(
        "a nested pivot with req_timeout",
        '{"module": "pivot",\n "data": {"voice_url": "http://h.example/", "req_timeout": "5"}}',
        "legacy_field_ignored", IGNORES, "/data/req_timeout", (2, 45), "nothing reads req_timeout",
        "write req_timeout_ms",
    ),
    Mistake(
        "a pivot's timeout above Kazoo's limit",
        '{"module": "pivot", "data": {"voice_url": "http://h.example/", "req_timeout_ms": 9000}}',
        "maximum", DIFFERS, "/data/req_timeout_ms", (1, 82), "9000 is more than 5000", profiles=("4.x", "5.x"),
    ),
    Mistake(
        "a URL without its scheme", '{"module": "pivot", "data": {"voice_url": "h.example/ivr"}}',
        "pattern", REFUSES, "/data/voice_url", (1, 43), "does not begin with http:// or https://", "give the whole URL",
    ),
    Mistake(
        "a placeholder of the documentation", '{"module": "pivot", "data": {"voice_url": "https://{SERVER_URL}/"}}',
        "placeholder", IGNORES, "/data/voice_url", (1, 43), "{SERVER_URL}", "put your server's address there",
    ),
    Mistake(
        "a method that is none", '{"module": "pivot", "data": {"voice_url": "http://h.example/", "method": "PUT"}}',
        "enum", REFUSES, "/data/method", (1, 74), "'PUT' is not get, post, GET or POST",
    ),
    Mistake(
        "a module that only one version has",
        '{"module": "tones",\n "data": {"tones": [{"frequencies": ["440"], "duration_on": 500, "duration_off": 100}]}}',
        "unknown_module", DIFFERS, "/module", (1, 12), "only Kazoo 5.x has it", profiles=("4.x",),
    ),
    Mistake(
        "a name twice", '{"module": "tts", "data": {"text": "a", "text": "b"}}',
        "double_name", IGNORES, "/data/text", (1, 41), "'text' stands twice", "take one of them out",
    ),
    Mistake(
        "a trailing comma", '{\n  "module": "hangup",\n  "data": {},\n}',
        "invalid_json", REFUSES, "body", (4, 1), "'}' can't stand here", "take away the comma",
    ),
    Mistake(
        "single quotes", "{'module': 'hangup'}",
        "invalid_json", REFUSES, "body", (1, 2), "a name in double quotes is expected", "not single ones",
    ),
    Mistake(
        "a comment", '{"module": "hangup", // bye\n "data": {}}',
        "invalid_json", REFUSES, "body", (1, 22), "'/' can't stand here", "JSON has no comments",
    ),
    Mistake(
        "Python's spelling", '{"module": "play", "data": {"id": "x", "answer": True}}',
        "invalid_json", REFUSES, "body", (1, 50), "'T' can't stand here", "json.dumps()",
    ),
    Mistake(
        "NaN", '{"module": "sleep", "data": {"duration": NaN}}',
        "invalid_json", REFUSES, "body", (1, 42), "'N' can't stand here", "JSON has no such value",
    ),
    Mistake(
        "two documents", f"{FLOW}\n{FLOW}",
        "invalid_json", REFUSES, "body", (2, 1), "something follows the end of the JSON", "send one",
    ),
    Mistake(
        "text behind the JSON", f"{FLOW} done",
        "invalid_json", REFUSES, "body", (1, 34), "something follows the end", "printed something behind the JSON",
    ),
    Mistake(
        "cut short", '{"module": "hangup", "data": {}',
        "invalid_json", REFUSES, "body", (1, 32), "ends in the middle of the JSON", "} is missing at the end",
    ),
    Mistake(
        "a byte order mark", b"\xef\xbb\xbf" + FLOW.encode(),
        "invalid_json", REFUSES, "body", (1, 1), "can't stand here", "byte order mark",
    ),
    Mistake(
        "a PHP notice in front", '<b>Notice</b>: Undefined index: Digits in <b>/var/www/x.php</b><br />\n' + FLOW,
        "invalid_json", REFUSES, "body", (1, 1), "'<' can't stand here", "display_errors",
    ),
    Mistake(
        "too deep", "[" * 300 + "]" * 300,
        "too_deep", REFUSES, "body", (1, 1), "nested more than 200 levels deep",
    ),
)  # fmt: skip

IN_TWIML = (
    Mistake(
        "a verb of Twilio's", "<Response><Say>Wait.</Say>\n  <Enqueue>support</Enqueue></Response>",
        "unknown_verb", TWILIO, "Response/Enqueue[1]", (2, 3), "Kazoo has no verb <Enqueue>", "works on Twilio only",
    ),
    Mistake(
        "a verb in small letters", "<Response><say>Hi</say></Response>",
        "unknown_verb", REFUSES, "Response/say[1]", (1, 11), "Kazoo has no verb <say>", "write <Say>",
    ),
    Mistake(
        "the root in small letters", "<response><Hangup/></response>",
        "twiml_syntax_error", REFUSES, "body", (1, 1), "the document's root is <response>", "case-sensitive",
    ),
    Mistake(
        "alice", '<Response><Say voice="alice">Hi</Say></Response>',
        "twiml_verb_error", REFUSES, "Response/Say[1]", (1, 16), "voice='alice'", "work on Twilio only",
    ),
    Mistake(
        "en-US", '<Response><Say voice="man" language="en-US">Hi</Say></Response>',
        "twiml_verb_error", REFUSES, "Response/Say[1]", (1, 28), "language='en-US': Kazoo has exactly en,",
        "write language='en'",
    ),
    Mistake(
        "the second mistake of a verb", '<Response><Say voice="alice" loop="-1">Hi</Say></Response>',
        "twiml_verb_error", REFUSES, "Response/Say[1]", (1, 30), "loop='-1': Kazoo wants 0 or more",
    ),
    Mistake(
        "SSML", "<Response><Say>Hello <emphasis>you</emphasis></Say></Response>",
        "twilio_only", TWILIO, "Response/Say[1]", (1, 11), "Kazoo has no SSML",
    ),
    Mistake(
        "speech", '<Response><Gather input="speech" action="a.php"> </Gather></Response>',
        "twilio_only", TWILIO, "Response/Gather[1]", (1, 11), "Gather: Kazoo lacks input",
    ),
    Mistake(
        "numDigits=0", '<Response><Gather numDigits="0" action="a.php"> </Gather></Response>',
        "twiml_verb_error", REFUSES, "Response/Gather[1]", (1, 19), "numDigits='0': Kazoo wants at least 1",
        "numDigits",
    ),
    Mistake(
        "timeout=auto", '<Response><Gather timeout="auto" action="a.php"> </Gather></Response>',
        "value_ignored", IGNORES, "Response/Gather[1]", (1, 11), "timeout='auto' is no number, so it counts as absent",
    ),
    Mistake(
        "an attribute in small letters", '<Response><Gather numdigits="1" action="a.php"> </Gather></Response>',
        "attribute_ignored", IGNORES, "Response/Gather[1]", (1, 11), "Kazoo reads numDigits, not numdigits",
    ),
    Mistake(
        "a relative action with a slash in front", '<Response><Gather action="/menu"> </Gather></Response>',
        "url_resolution_differs", TWILIO, "Response/Gather[1]", (1, 11), "is http://example.com/ivr/menu for Kazoo",
        "write the whole URL",
    ),
    Mistake(
        "a Dial inside a Gather", "<Response><Gather><Say>Hi</Say>\n<Dial>200</Dial></Gather></Response>",
        "bad_nesting", IGNORES, "Response/Gather[1]/Dial[1]", (2, 1), "a Gather takes Say, Play, Pause, not Dial",
        "behind the Gather",
    ),
    Mistake(
        "a mistake inside a Gather, behind another",
        '<Response><Gather><Say voice="alice">1</Say><Say language="nl">2</Say></Gather></Response>',
        "twiml_verb_error", REFUSES, "Response/Gather[1]/Say[2]", (1, 50), "language='nl'", "leave language out",
    ),
    Mistake(
        "a Gather without content", '<Response><Gather action="a.php"/></Response>',
        "twiml_verb_error", DIFFERS, "Response/Gather[1]", (1, 11), "Kazoo 4.x dies of the first key",
        "put something into it", profiles=("4.x",),
    ),
    Mistake(
        "a Client", "<Response><Dial><Client>joe</Client></Dial></Response>",
        "noun_skipped", TWILIO, "Response/Dial[1]/Client[1]", (1, 17), "Kazoo passes over <Client>", "ring a Number",
    ),
    Mistake(
        "nobody to dial", "<Response><Dial><Client>joe</Client></Dial></Response>",
        "unsupported_noun", REFUSES, "Response/Dial[1]", (1, 11), "nobody is left to dial",
    ),
    Mistake(
        "a Queue", "<Response><Dial><Queue>support</Queue></Dial></Response>",
        "unsupported_noun", REFUSES, "Response/Dial[1]", (1, 11), "Kazoo can't dial a Queue", "acdc_member",
    ),
    Mistake(
        "a number in CDATA", "<Response><Dial><![CDATA[200]]></Dial></Response>",
        "twiml_verb_error", REFUSES, "Response/Dial[1]", (1, 11), "there is nobody to dial in it", "CDATA",
    ),
    Mistake(
        "a Dial that begins with a comment", "<Response><Dial><!-- sales --><Number>200</Number></Dial></Response>",
        "twiml_verb_error", DIFFERS, "Response/Dial[1]", (1, 11), "Kazoo 4.x dies of a Dial", "begin with the number",
        profiles=("4.x",),
    ),
    Mistake(
        "a room that is too large", '<Response><Dial><Conference maxParticipants="50">r</Conference></Dial></Response>',
        "twiml_verb_error", REFUSES, "Response/Dial[1]", (1, 11), "maxParticipants=50: Kazoo takes 3 to 40",
    ),
    Mistake(
        "a transcription", '<Response><Record transcribe="true" action="a.php"/></Response>',
        "twilio_only", TWILIO, "Response/Record[1]", (1, 11), "Record: Kazoo lacks transcribe",
    ),
    Mistake(
        "several variables in a Set",
        '<Response><Set><Variable key="a" value="1"/><Variable key="b" value="2"/></Set></Response>',
        "twiml_verb_error", DIFFERS, "Response/Set[1]", (1, 11), "Kazoo 4.x dies of a Set with several Variables",
        profiles=("4.x",),
    ),
    Mistake(
        "a verb's method that is none", '<Response><Redirect method="put">b.php</Redirect></Response>',
        "bad_method", IGNORES, "Response/Redirect[1]", (1, 11), "is neither GET nor POST", "write GET or POST",
        profiles=("docs", "5.x"),
    ),
    Mistake(
        "nothing to play", "<Response><Play></Play></Response>",
        "twiml_verb_error", REFUSES, "Response/Play[1]", (1, 11), "there is no media to play",
    ),
    Mistake(
        "a pause with content", '<Response><Pause length="1"> </Pause></Response>',
        "unknown_verb", REFUSES, "Response/Pause[1]", (1, 11), "Kazoo knows Pause only without content", "write <Pause",
    ),
    Mistake(
        "text outside a verb", "<Response>Hello<Hangup/></Response>",
        "text_ignored", IGNORES, "Response", (1, 1), "Kazoo skips text that stands outside a verb: 'Hello'", "<Say>",
    ),
    Mistake(
        "an empty document", "<Response/>",
        "twiml_empty", DIFFERS, "Response", (1, 1), "Kazoo's reader dies of it", "<Hangup/>", profiles=("4.x", "5.x"),
    ),
    Mistake(
        "a bare ampersand", "<Response>\n<Play>http://h.example/a?b=1&c=2</Play></Response>",
        "twiml_syntax_error", REFUSES, "body", (2, 31), "EntityRef", "&amp;",
    ),
    Mistake(
        "HTML's entities", "<Response><Say>a&nbsp;b</Say></Response>",
        "twiml_syntax_error", REFUSES, "body", (1, 23), "nbsp", "&#160;",
    ),
    Mistake(
        "a tag that isn't closed", "<Response><Say>Hi</Response>",
        "twiml_syntax_error", REFUSES, "body", (1, 29), "mismatch", "every tag is closed by one of the same name",
    ),
    Mistake(
        "blanks in front of the declaration", f'\n<?xml version="1.0"?>{TWIML}',
        "twiml_syntax_error", REFUSES, "body", (2, 6), "XML declaration allowed only at the start", "very first thing",
    ),
    Mistake(
        "a declared Latin-1 that is UTF-8",
        '<?xml version="1.0" encoding="iso-8859-1"?><Response><Say>café</Say></Response>',
        "wrong_encoding", IGNORES, "Response", (1, 44), "reads é as Ã©", 'encoding="UTF-8"',
    ),
)  # fmt: skip

IN_THE_ANSWER = (
    Mistake(
        "a wrong content type", f"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\n\r\n{FLOW}",
        "unknown_content_type", REFUSES, "header Content-Type", (3, 1), "Content-Type was text/plain",
        "send it as application/json", profiles=("docs",),
    ),
    Mistake(
        "no content type", f"HTTP/1.1 200 OK\r\nDate: now\r\n\r\n{FLOW}",
        "unknown_content_type", REFUSES, "header Content-Type", (1, 1), "There was no Content-Type",
        "send it as application/json",
    ),
    Mistake(
        "no content type, TwiML", f"HTTP/1.1 200 OK\n\n{TWIML}",
        "unknown_content_type", REFUSES, "header Content-Type", (1, 1), "Kazoo 4.x and 5.x read it by luck",
        "as text/xml", profiles=("docs",),
    ),
    Mistake(
        "a content type with capitals", f"HTTP/1.1 200 OK\r\nContent-Type: Application/JSON\r\n\r\n{FLOW}",
        "guessed_content_type", DIFFERS, "header Content-Type", (2, 1), "Application/JSON is unknown to them",
        "write application/json", profiles=("4.x", "5.x"),
    ),
    Mistake(
        "JSON sent as XML", f"{XML_HEAD}{FLOW}",
        "twiml_syntax_error", REFUSES, "body", (4, 1), "", "send it as application/json",
    ),
    Mistake(
        "TwiML sent as JSON", f"{JSON_HEAD}{TWIML}",
        "invalid_json", REFUSES, "body", (4, 1), "'<' can't stand here", "send it as text/xml",
    ),
    Mistake(
        "an HTML page",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html>\n<html><body>Log in</body></html>",
        "unknown_content_type", REFUSES, "header Content-Type", (2, 1), "Content-Type was text/html",
        "looks like an HTML page",
    ),
    Mistake(
        "another charset", f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=ISO-8859-1\r\n\r\n{FLOW}",
        "charset_ignored", IGNORES, "header Content-Type", (2, 1), "Kazoo ignores charset=ISO-8859-1",
        "encode the answer as UTF-8",
    ),
    Mistake(
        "Latin-1", f'{JSON_HEAD}{{"module": "tts",\n "data": {{"text": "caf'.encode() + b'\xe9"}}',
        "invalid_charset", REFUSES, "body", (5, 23), "is 0xe9", "encode the answer as UTF-8",
    ),
    Mistake(
        "gzip",
        b"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Encoding: gzip\n\n" + gzip.compress(FLOW.encode()),
        "invalid_charset", REFUSES, "body", (5, 2), "the body is not UTF-8", "send it uncompressed",
    ),
    Mistake(
        "a cookie", f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nSet-Cookie: PHPSESSID=4f; path=/\r\n\r\n{TWIML}",
        "cookie_ignored", IGNORES, "header Set-Cookie", (3, 1), "PHPSESSID: Kazoo keeps none", "Call-ID",
    ),
    Mistake(
        "a redirect", "HTTP/1.1 302 Found\r\nServer: x\r\nLocation: /ivr/\r\n\r\n<html>moved</html>",
        "redirect_followed", IGNORES, "status line", (1, 1),
        "follows the redirect to /ivr/ as a GET without the call's parameters", "curl -iL",
    ),
    Mistake(
        "a redirect, and its end",
        f"HTTP/1.1 308 Permanent Redirect\nLocation: /ivr/\n\nHTTP/1.1 200 OK\nContent-Type: text/xml\n\n{TWIML}",
        "redirect_followed", IGNORES, "status line", (1, 1), "without the call's parameters in its URL",
        "answer with the document itself",
    ),
    Mistake(
        "redirects without end", "HTTP/1.1 302 Found\nLocation: /a\n\n" * 6,
        "redirect_loop", REFUSES, "status line", (16, 1), "again after 5 redirects", "Kazoo follows five redirects",
    ),
    Mistake(
        "a redirect without Location", "HTTP/1.1 302 Found\r\n\r\n",
        "redirect_refused", REFUSES, "status line", (1, 1), "302 Found without a Location", "a Location",
    ),
    Mistake(
        "a redirect to another scheme", "HTTP/1.1 302 Found\r\nLocation: ftp://h.example/\r\n\r\n",
        "connection_reset", REFUSES, "header Location", (2, 1), "can't be followed",
    ),
    Mistake(
        "204", "HTTP/1.1 204 No Content\r\n\r\n",
        "unexpected_status", REFUSES, "status line", (1, 1), "204 No Content", "answer with status 200",
    ),
    Mistake(
        "201", f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{FLOW}",
        "unexpected_status", REFUSES, "status line", (1, 1), "Kazoo reads 200 and 206 only", "answer with status 200",
    ),
    Mistake(
        "404", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<h1>Not Found</h1>",
        "http_client_error", REFUSES, "status line", (1, 1), "the server answered 404 Not Found",
    ),
    Mistake(
        "500", "HTTP/2 500 \r\ncontent-type: text/html\r\n\r\n<h1>Oops</h1>",
        "http_server_error", REFUSES, "status line", (1, 1), "the server answered 500", "the server's log",
    ),
    Mistake(
        "503, to be asked again", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n",
        "http_server_error", REFUSES, "status line", (1, 1), "503 Service Unavailable",
    ),
    Mistake(
        "an empty body", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
        "empty_body", REFUSES, "body", (5, 1), "the answer has no body", "send a callflow or a <Response>",
    ),
    Mistake(
        "headers only, from curl -I", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n",
        "empty_body", REFUSES, "body", (5, 1), "the answer has no body", "this may be curl -I",
    ),
    Mistake(
        "a mistake below headers", f'{JSON_HEAD}{{\n "module": "paly"\n}}',
        "unknown_module", REFUSES, "/module", (5, 12), "did you mean 'play'?", "write 'play'",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "mistake", [*IN_JSON, *IN_TWIML, *IN_THE_ANSWER], ids=lambda mistake: mistake.name.replace(" ", "-")
)
def test_a_mistake_is_found(mistake: Mistake) -> None:
    """Each mistake has its finding: id, severity, place, profiles, and a message that tells it."""
    found = lint_text(mistake.text)

    (finding,) = [each for each in found if _is(each, mistake)] or pytest.fail(
        f"not found: {mistake}\namong:\n" + "\n".join(map(repr, found))
    )
    assert mistake.message in finding.message
    assert mistake.mend in finding.mend
    assert all(each.mend for each in found)
    assert finding.profiles == mistake.profiles


def _is(finding: Finding, mistake: Mistake) -> bool:
    place = (finding.id, finding.severity, finding.where, (finding.line, finding.column))
    return place == (mistake.id, mistake.severity, mistake.where, mistake.at)


def test_there_are_forty_mistakes_and_more() -> None:
    """Enough of them to be of use."""
    assert len([*IN_JSON, *IN_TWIML, *IN_THE_ANSWER]) >= 40
