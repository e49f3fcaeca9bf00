"""``pivotkit check``: the recorded callers against today's server."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

import pivotkit as pk
from command_line import Run
from pivotkit.cli.config import check_ignore
from pivotkit.cli.exits import Exit
from pivotkit.errors import UsageError
from servers import Server, refused_port
from voice_shop import Shop


@pytest.fixture
def tapes(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two recorded calls in a folder beside which nothing is configured."""
    monkeypatch.chdir(tmp_path)
    with pk.PivotExecutor(f"{server.url}/menu") as pivot:
        pivot.call(press=["1"], cassette=tmp_path / "calls" / "balance.yaml")
        pivot.call(press=["hangup"], cassette=tmp_path / "calls" / "short.yaml")
    return tmp_path / "calls"


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_as_recorded_is_0(pivotkit: Run, server: Server, tapes: Path) -> None:
    """One line is enough to say it."""
    ran = pivotkit("check", server.url, tapes)

    assert (ran.status, ran.out) == (0, f"2 calls checked against {server.url}: 2 as recorded\n")


def test_a_difference_is_1_and_is_shown_as_a_person_reads_it(
    pivotkit: Run, shop: Shop, server: Server, tapes: Path
) -> None:
    """The prompt, then the answer as a diff of what it says, in 80 columns."""
    shop.balance = "You owe 500 euros, payable within fourteen days."

    ran = pivotkit("check", server.url, tapes)

    assert ran.status == 1
    assert max(map(len, ran.out.splitlines())) <= 80
    flat = " ".join(ran.out.split())
    assert "DIFFERS" in flat
    assert "caller hears prompt 2 changed - “You owe 12 euros.” + “You owe 500 euros, payable" in flat
    assert "answer 2 POST /balance: the callflow changed at /data/text" in flat
    assert '- "text": "You owe 12 euros."' in flat
    assert "if that is volatile: --ignore 2:/data/text" in flat
    assert ran.out.splitlines()[-1].endswith(": 1 as recorded, 1 differs")


def test_what_differs_in_the_same_way_is_told_once(pivotkit: Run, shop: Shop, server: Server, tapes: Path) -> None:
    """The others name the first one."""
    for number in (2, 3):
        (tapes / f"balance-{number}.yaml").write_bytes((tapes / "balance.yaml").read_bytes())
    shop.balance = "You owe 500 euros."

    ran = pivotkit("check", server.url, tapes)

    flat = "".join(ran.out.split())
    assert flat.count("prompt2changed") == 1
    assert flat.count(f"as{tapes}/balance-2.yaml") == 2
    assert ran.out.splitlines()[-1].endswith(": 1 as recorded, 3 differ")


def test_what_is_ignored_is_no_difference(pivotkit: Run, shop: Shop, server: Server, tapes: Path) -> None:
    """On the command line, or in the project's file."""
    shop.balance = "You owe 500 euros."

    assert pivotkit("check", server.url, tapes, "--ignore", "2:/data/text").status == 0
    assert pivotkit("check", server.url, tapes, "--ignore", r"/\d+ euros/").status == 0
    assert pivotkit("check", server.url, tapes, "--ignore", "/elsewhere").status == 1

    (tapes.parent / "pyproject.toml").write_text('[tool.pivotkit]\ncheck.ignore = ["/data/text"]\n')
    assert pivotkit("check", server.url, tapes).status == 0


def test_rules_that_fit_nothing_are_told(pivotkit: Run, server: Server, tapes: Path) -> None:
    """At the end, each in a line; those of the project may be for other folders, and what is quiet has no remarks."""
    (tapes.parent / "pyproject.toml").write_text("[tool.pivotkit]\ncheck.ignore = ['/elsewhere']\n")
    words = ("--ignore", "0:/data/text", "--ignore", "/data/text", "--ignore", "//Say[2]")

    ran = pivotkit("check", server.url, tapes, *words)

    assert [line for line in ran.err.splitlines() if line.startswith("the rule")] == [
        "the rule 0:/data/text fits nothing in these calls",
        "the rule //Say[2] fits nothing in these calls",
    ]
    assert "the rule" not in pivotkit("check", server.url, tapes, *words, "--quiet").err


def test_a_server_that_is_not_there_is_3(pivotkit: Run, tapes: Path) -> None:
    """Nothing was compared, so nothing differs."""
    with refused_port() as port:
        ran = pivotkit("check", f"http://127.0.0.1:{port}", tapes)

    assert ran.status == 3
    assert "2 not compared, for the server was never reached: nothing listens" in ran.out
    assert "DIFFERS" not in ran.out


def test_what_is_not_as_expected_stays_so_when_recorded_again(
    pivotkit: Run, shop: Shop, server: Server, tapes: Path
) -> None:
    """A new recording of a wrong answer doesn't make it right: exit status 1, and nothing more is recorded."""
    tape = tapes / "expecting.yaml"
    pivotkit("call", f"{server.url}/menu", "--expect", "heard=Welcome", "--cassette", tape)
    shop.greeting = "Goodbye."

    first, second = (pivotkit("check", server.url, tape, "--update", "--yes") for _ in range(2))

    assert (first.status, second.status) == (1, 1)
    assert "recorded again: " in first.err
    assert "recorded again: " not in second.err
    assert "mend the server, or `expect` in the cassette" in second.err


def test_an_expectation_makes_a_server_that_is_not_there_a_difference(
    pivotkit: Run, server: Server, tapes: Path
) -> None:
    """3 is only for calls of which nothing was expected."""
    pivotkit("call", f"{server.url}/menu", "--expect", "heard=Welcome", "--cassette", tapes / "expecting.yaml")
    with refused_port() as port:
        assert pivotkit("check", f"http://127.0.0.1:{port}", tapes).status == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--ignore", "text"), "can't be ignored"),
        (("--yes",), "--yes is for --update"),
        (("--slower", "0"), "is too small"),
        (("--ca", "missing.pem"), "there is no such file"),
        (("",), "a path is empty: name a cassette or a folder"),
        (("--interface", "asgi"), "--interface is for a TARGET that is an app"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(pivotkit: Run, server: Server, tapes: Path, words: tuple[str, ...], message: str) -> None:
    """And asks the server nothing."""
    before = len(server.requests)
    ran = pivotkit("check", server.url, tapes, *words)

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert len(server.requests) == before


def test_a_damaged_cassette_is_2_and_the_others_are_checked(pivotkit: Run, server: Server, tapes: Path) -> None:
    """It is named with its line."""
    (tapes / "cut.yaml").write_text((tapes / "short.yaml").read_text()[:500])

    ran = pivotkit("check", server.url, tapes)

    assert ran.status == 2
    assert "ERROR" in ran.out
    assert ran.out.splitlines()[-1].endswith("2 as recorded, 1 can't be checked")


def test_an_app_is_checked_without_a_port(pivotkit: Run, tapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cassettes; the app is found in the working directory."""
    (tapes.parent / "little_shop.py").write_text("from voice_shop import Shop\nshop = Shop()\napp = shop.wsgi\n")
    monkeypatch.setattr(sys, "path", [*sys.path])

    assert pivotkit("check", "little_shop:app", tapes).out == (
        "2 calls checked against little_shop:app: 2 as recorded\n"
    )
    sys.modules["little_shop"].shop.greeting = "Bonjour."
    assert pivotkit("check", "little_shop:app/menu", tapes, "--interface", "wsgi").status == 1
    call = pivotkit("call", "little_shop:app/menu", "--press", "1")
    assert "pivotkit call little_shop:app/menu --press 1" in call.out
    del sys.modules["little_shop"]


def test_what_an_app_prints_is_no_result(
    pivotkit: Run, tapes: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither when it is imported nor when it answers, in whichever thread: it goes where remarks go."""
    (tmp_path / "chatty_shop.py").write_text(
        "import logging, sys\nfrom voice_shop import Shop\nshop = Shop()\nprint('imported')\n"
        "stream = sys.stdout\n"
        "def app(environ, start_response):\n"
        "    print('asked')\n    stream.write('logged\\n')\n    return shop.wsgi(environ, start_response)\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])

    ran = pivotkit("check", "chatty_shop:app", tapes, "--json", "--workers", "2")

    assert [json.loads(line)["status"] for line in ran.out.splitlines()] == ["same", "same"]
    assert (ran.err.count("imported"), ran.err.count("asked"), ran.err.count("logged")) == (1, 3, 3)
    del sys.modules["chatty_shop"]


def test_json_is_a_line_for_each_cassette(pivotkit: Run, shop: Shop, server: Server, tapes: Path) -> None:
    """Only JSON on stdout."""
    shop.balance = "You owe nothing."
    lines = [json.loads(line) for line in pivotkit("check", server.url, tapes, "--json").out.splitlines()]

    assert [(Path(line["cassette"]).name, line["status"]) for line in lines] == [
        ("balance.yaml", "differs"),
        ("short.yaml", "same"),
    ]
    assert [difference["kind"] for difference in lines[0]["differences"]] == ["heard", "answer"]


def test_update_without_a_terminal_accepts_all(pivotkit: Run, shop: Shop, server: Server, tapes: Path) -> None:
    """What differed is recorded again, and then it is as recorded."""
    shop.greeting = "Good day. Press 1."

    ran = pivotkit("check", server.url, tapes, "--update")

    assert ran.status == 0
    assert ran.err.count("recorded again: ") == 2
    assert pivotkit("check", server.url, tapes).status == 0


def test_update_on_a_terminal_asks_for_each_call(
    pivotkit: Run, shop: Shop, server: Server, tapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What isn't accepted stays recorded, and stays a difference."""
    shop.greeting = "Good day. Press 1."
    monkeypatch.setattr(sys, "stdin", Terminal("y\n\n"))

    ran = pivotkit("check", server.url, tapes, "--update")

    assert ran.status == 1
    assert [line for line in ran.err.splitlines() if "again" in line] == [
        f"record {tapes / 'balance.yaml'} again? [y/N, a: all from here, q: none from here]",
        f"recorded again: {tapes / 'balance.yaml'}",
        f"record {tapes / 'short.yaml'} again? [y/N, a: all from here, q: none from here]",
    ]
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert pivotkit("check", server.url, tapes, "--update", "--yes").status == 0


@pytest.mark.parametrize(("said", "written", "status"), [("a\n", 2, 0), ("all\n", 2, 0), ("q\n", 0, 1)])
def test_one_word_may_settle_all_that_follow(
    pivotkit: Run,
    shop: Shop,
    server: Server,
    tapes: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    written: int,
    status: int,
) -> None:
    """All of them, or none; what is different is shown all the same."""
    shop.greeting = "Good day. Press 1."
    monkeypatch.setattr(sys, "stdin", Terminal(f"{said}y\n"))

    ran = pivotkit("check", server.url, tapes, "--update")

    assert (ran.err.count("again?"), ran.err.count("recorded again: "), ran.status) == (1, written, status)
    assert ran.out.count("DIFFERS") == 2


def test_a_cassette_that_can_not_be_written_stops_no_other(
    pivotkit: Run, shop: Shop, server: Server, tapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, and makes the status 2; the summary stands below."""
    (tapes / "balance.yaml").rename(tapes.parent / "balance.yaml")
    (tapes / "a").mkdir()
    (tapes.parent / "balance.yaml").rename(tapes / "a" / "balance.yaml")
    shop.greeting = "Good day. Press 1."

    class Meddler(Terminal):
        def readline(self, *args: object) -> str:
            if (tapes / "a").is_dir():
                (tapes / "a").rename(tapes / "elsewhere")
                (tapes / "a").touch()
            return "y\n"

    monkeypatch.setattr(sys, "stdin", Meddler())

    ran = pivotkit("check", server.url, tapes, "--update")

    assert ran.status == 2
    assert f"not recorded again: {tapes / 'a' / 'balance.yaml'}" in ran.err
    assert f"recorded again: {tapes / 'short.yaml'}" in ran.err
    assert ran.out.splitlines()[-1].endswith("2 differ")


def test_learning_proposes_rules_that_can_be_copied(pivotkit: Run, shop: Shop, server: Server, tapes: Path) -> None:
    """As options; with --update they are kept in the cassettes."""
    numbers = iter(range(100))
    shop.session = lambda: f"s{next(numbers)}"

    ran = pivotkit("check", server.url, tapes / "balance.yaml", "--learn")
    assert "volatile" in ran.out
    assert "--ignore '/^session=.*/'" in ran.out

    pivotkit("check", server.url, tapes, "--learn", "--update")
    assert "volatile:" in (tapes / "balance.yaml").read_text()
    assert pivotkit("check", server.url, tapes).status == 0


def test_waiting_for_a_server(pivotkit: Run, server: Server, tapes: Path) -> None:
    """One that is there already is asked once whether it is."""
    before = len(server.requests)

    assert pivotkit("check", server.url, tapes, "--wait", "5").status == 0
    assert [request.method for request in server.requests[before:]].count("HEAD") == 1


def test_waiting_in_vain_is_told(pivotkit: Run, tapes: Path) -> None:
    """Else one would wonder whether it was waited at all."""
    with refused_port() as port:
        ran = pivotkit("check", f"http://127.0.0.1:{port}", tapes, "--wait", "0.1")

    assert ran.status == 3
    assert ran.out.endswith(" (after waiting 0.1 s for it in vain)\n")


def test_the_help_tells_the_exit_statuses(pivotkit: Run) -> None:
    """As this command means them, and the page in the same words."""
    told = pivotkit("check", "--help").out.partition("exit status:\n")[2]
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")

    statuses = [line.split(maxsplit=1) for line in told.splitlines()]
    assert [status for status, _ in statuses] == [str(int(status)) for status in Exit]
    assert " ".join(f"{status}: {means}." for status, means in statuses) in " ".join(page.split())


def test_a_project_without_a_word_on_it_ignores_nothing(tmp_path: Path) -> None:
    """Neither does one without the file; the nearest file above counts."""
    inner = tmp_path / "tests" / "calls"
    inner.mkdir(parents=True)
    assert check_ignore(inner) == ()

    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert check_ignore(inner) == ()

    (tmp_path / "pyproject.toml").write_text("[tool.pivotkit.check]\nignore = ['/a', '//Say']\n")
    assert check_ignore(inner) == ("/a", "//Say")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tool = 3\n", "tool is a table"),
        ("[tool]\npivotkit = 'x'\n", "tool.pivotkit is a table"),
        ("[tool.pivotkit]\ncheck = 3\n", "tool.pivotkit.check is a table"),
        ("[tool.pivotkit]\ncheck.ignroe = []\n", "no key 'ignroe': did you mean ignore?"),
        ("[tool.pivotkit]\ncheck.ignore = '/a'\n", "is a list of texts"),
        ("[tool.pivotkit\n", "not TOML"),
    ],
)
def test_what_is_wrong_in_the_projects_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """With the file."""
    (tmp_path / "pyproject.toml").write_text(text)

    with pytest.raises(UsageError) as error:
        check_ignore(tmp_path)

    assert str(error.value).startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert message in str(error.value)


def test_a_caller_whom_the_fallback_asks_for_something_else(
    pivotkit: Run, shop: Shop, server: Server, tapes: Path
) -> None:
    """A server that is not there is 3 for him too; one that fails is a difference, and is not recorded."""
    voicemail = {"module": "voicemail", "data": {"id": "0123456789abcdef0123456789abcdef"}}
    flow = pk.PivotAction(voice_url=f"{server.url}/menu").to_flow({"_": voicemail})
    with pk.PivotExecutor(pk.Callflow.from_dict(flow)) as pivot:
        pivot.call(press=["1"], cassette=tapes / "balance.yaml")
    before = (tapes / "balance.yaml").read_bytes()

    with refused_port() as port:
        ran = pivotkit("check", f"http://127.0.0.1:{port}", tapes / "balance.yaml")
    assert (ran.status, ran.out.count("\n")) == (3, 1)
    assert "1 not compared, for the server was never reached: nothing listens" in ran.out

    shop.status = 500
    ran = pivotkit("check", server.url, tapes / "balance.yaml", "--update", "--yes")
    assert ran.status == 1
    assert f"not recorded again: {tapes / 'balance.yaml'}: the call was stopped" in ran.err
    assert (tapes / "balance.yaml").read_bytes() == before
