"""What looks like a secret that slipped through is found, with its line, and is not told once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from pivotkit.cassette import Redactor
from pivotkit.cassette.leaks import files_in, find_leaks
from sample_cassettes import sample

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"


def kinds(tmp_path: Path, text: str, declared: Redactor | None = None) -> list[str]:
    path = tmp_path / "file.yaml"
    path.write_text(f"first: line\n{text}\n", encoding="utf-8")
    leaks = list(find_leaks(path, declared or Redactor()))
    assert {leak.line for leak in leaks} <= {2}
    return [leak.kind for leak in leaks]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('card: "4111111111111111"', "card number"),
        ("Digits=4111111111111111&x=1", "card number"),
        ("you entered 4111 1111 1111 1111.", "card number"),
        ("5500-0000-0000-0004", "card number"),
        ("amex=378282246310005", "card number"),
        ("Say=%204111%201111%201111%201111", "card number"),
        ('authorization: ["Bearer abcdef123456.x"]', "bearer token"),
        ("Basic dXNlcjpwYXNzd29yZA==", "password of Basic authorization"),
        (f'"token": "{JWT}"', "JSON web token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
        ("-----BEGIN PRIVATE KEY-----", "private key"),
        ("key: sk_live_4eC39HqLyjWDarjtT1zdp7dc", "API key"),
        ("AKIAIOSFODNN7EXAMPLE", "API key"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "API key"),
        ("https://jane:s3cret@h.example/", "password in a URL"),
        ("postgres://u:s3cret@db/x", "password in a URL"),
        ("url=https%3A%2F%2Fjane%3As3cret%40h.example", "password in a URL"),
        ("?api_key=0123456789abc&x=1", "value that should be secret"),
        ('{"password": "hunter2hunter2"}', "value that should be secret"),
        ('"{\\"client_secret\\": \\"abcdef99\\"}"', "value that should be secret"),
    ],
)
def test_what_looks_like_a_secret_is_found(tmp_path: Path, text: str, kind: str) -> None:
    """By its shape, in cassettes, forms, URLs and JSON within JSON."""
    assert kind in kinds(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "call_id: c0ffee4111111111111111aa@x",
        "From=%2B14155550100",
        "at: 1790000000123",
        'authorization: ["redacted"]',
        "?api_key=redacted",
        "Digits=xxxxxxxxxxxxxxxx",
        "password: xxxxxxxx",
        "http://127.0.0.1:8080/a@b",
        "the password is asked for",
        "bearer of news",
        "no basic authorization",
    ],
)
def test_what_only_resembles_one_is_left_alone(tmp_path: Path, text: str) -> None:
    """Checksums that don't hold, ids, numbers of phones, times, placeholders, words."""
    assert kinds(tmp_path, text) == []


@pytest.mark.parametrize("text", ["pin: 4321", "four three two one", "4 3 2 1", "NDMyMQ=="])
def test_declared_secrets_are_found_in_every_form(tmp_path: Path, text: str) -> None:
    """The values that are known to be secret, as the redactor knows their forms."""
    assert kinds(tmp_path, text, Redactor(secrets={"PIN": "4321"})) == ["declared secret"]


@pytest.mark.parametrize(
    ("field", "pressed", "found"),
    [
        ("Digits[pin]=redacted&To=2000", '["1", "4321#"]', ["keys of a redacted field"]),
        ('"Digits": {"pin": "redacted"}', '["4321"]', ["keys of a redacted field"]),
        ("Digits[pin]=redacted&To=2000", '["xxxx#", "1"]', []),
        ("Digits[pin]=4321&token=redacted", '["4321"]', []),
    ],
)
@pytest.mark.parametrize("name", ["    pressed", '"caller": {}, "pressed"'], ids=["YAML", "JSON"])
def test_keys_that_are_hidden_by_name_only(
    tmp_path: Path, field: str, pressed: str, found: list[str], name: str
) -> None:
    """Where a request's digits are blanked by their name, the script that keyed them tells them still."""
    path = tmp_path / "call"
    path.write_text(f"uri: {field}\n{name}: {pressed}, \n")

    leaks = list(find_leaks(path, Redactor()))

    assert [leak.kind for leak in leaks] == found
    assert {leak.line for leak in leaks} <= {2}
    assert "4321" not in "".join(map(str, leaks)).removeprefix(str(path))


def test_a_leak_is_not_leaked_again(tmp_path: Path) -> None:
    """The report names file, line and kind, and shows only a beginning."""
    path = tmp_path / "a.yaml"
    path.write_text("x: 1\npin: 4111111111111111\n")

    (leak,) = find_leaks(path, Redactor())

    assert str(leak) == f"{path}:2: card number: 4111… (16 characters)"


def test_lines_are_counted_as_editors_do(tmp_path: Path) -> None:
    """A line ends at a line feed; other separators may stand in a prompt."""
    path = tmp_path / "a.yaml"
    path.write_text("heard: one\u2028two\x85three\npin: 4111111111111111\n", encoding="utf-8")

    assert [leak.line for leak in find_leaks(path, Redactor())] == [2]


def test_an_ordinary_cassette_has_none(tmp_path: Path) -> None:
    """Recordings as pivotkit writes them raise no alarm; files that are no text are passed over."""
    sample().save(tmp_path / "call.yaml")
    sample().save(tmp_path / "sub" / "call.json")
    (tmp_path / "table.parquet").write_bytes(b"PAR1\0 4111111111111111")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_text("4111111111111111")

    files = list(files_in([tmp_path]))

    assert [path.name for path in files] == ["call.yaml", "call.json", "table.parquet"]
    assert [leak for path in files for leak in find_leaks(path, Redactor())] == []
