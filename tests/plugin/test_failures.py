"""What stands under a failed test: the whole conversation, with the place that it was about."""

from __future__ import annotations

from pathlib import Path

import pytest

import pivotkit as pk
from plugin_project import Project, shown
from servers import Server, answer, http_server

pytest_plugins = ["pytester"]


def failing(line: str) -> str:
    """A test that calls and presses 1, then fails at this line."""
    return f"""
    import re
    import pytest
    import pivotkit as pk

    def test_call(pivot):
        call = pivot.call(press=["1"])
        {line}
    """


def marked_lines(result: pytest.RunResult) -> list[str]:
    """The lines of the conversation that bear the mark."""
    return [line for line in result.stdout.lines if "▶" in line and "caller hears" in line]


BALANCE = "“Your balance is 5 euros.”"
MENU = "“Welcome. Press 1 or 2.”"


@pytest.mark.parametrize(
    ("line", "said", "marked"),
    [
        ('assert call.hears("your balanse")', "hears('your balanse'): not heard; ▶ comes nearest", BALANCE),
        ('assert call.hears("balance*")', "a glob is about a whole prompt; hears('*balance*') is true, at ▶", BALANCE),
        ('assert call.hears(re.compile("balance is [6-9]"))', "not heard; ▶ comes nearest", BALANCE),
        ('assert call.hears("/BALANCE/")', "hears('/BALANCE/'): not heard; ▶ comes nearest", BALANCE),
        ('assert not call.hears("welcome")', "hears('welcome'): heard, at ▶", MENU),
        ('assert call.hears("welcome") and call.hears("you balance")', "hears('you balance'): not heard", BALANCE),
        ('assert all(call.hears(text) for text in ("welcome", "wellcome"))', "hears('wellcome'): not heard", MENU),
        ('assert call.hears("zzz")', "hears('zzz'): not heard, nor anything like it", None),
        ("assert call.failure", "pivotkit: call 1 of 1", None),
        ('raise RuntimeError("something else")', "pivotkit: call 1 of 1", None),
    ],
)
def test_a_failed_test_shows_the_conversation(
    project: Project, server: Server, line: str, said: str, marked: str | None
) -> None:
    """Text, glob or regex: what was listened for, what became of it, and where; all of the call below it."""
    project.write("test_ivr.py", failing(line))

    result = project.run("--pivot-url", server.url)

    result.assert_outcomes(failed=1)
    told = shown(result)
    assert said in told
    assert [place for place in (MENU, BALANCE) if any(place in each for each in marked_lines(result))] == (
        [marked] if marked else []
    )
    for part in (MENU, "caller presses 1", "Kazoo asks GET /chosen", BALANCE, "Repeat this call", "pivotkit replay"):
        assert part in told


def test_a_replayed_call_says_how_to_record_it_anew(project: Project, server: Server) -> None:
    """Its server is gone, and the command that would ask it; the test's own command asks the one of today."""
    project.write("test_ivr.py", failing('assert call.hears("agent comes")'))
    again = "pytest test_ivr.py::test_call --pivot-record all"

    live = shown(project.run("--pivot-url", server.url))
    replayed = shown(project.run("--pivot-url", server.url))

    assert f"Repeat this call pivotkit call {server.url}" in live
    assert again not in live
    assert f"Repeat this call {again} pivotkit replay" in replayed
    assert "pivotkit call" not in replayed


def test_a_replayed_failure_speaks_of_no_log(project: Project) -> None:
    """The log is of the day on which it was recorded; of today's server there is none."""
    project.write("test_ivr.py", "def test_call(pivot):\n    assert pivot.call().ok\n")
    with http_server(lambda request: answer("oops", status=500)) as server:
        live = shown(project.run("--pivot-url", server.url))
    replayed = shown(project.run("--pivot-url", server.url))

    assert "What to mend look in the server's log for this request" in live
    assert "server's log" not in replayed
    assert "ask the server of today: pytest test_ivr.py::test_call --pivot-record all" in replayed


def test_a_batch_that_is_not_recorded_says_how_to_record_it(project: Project, server: Server) -> None:
    """With the test's command, once for all its calls."""
    project.write("test_ivr.py", "def test_many(pivot):\n    assert all(call.ok for call in pivot.batch(3))\n")

    told = shown(project.run("--pivot-url", server.url, "--pivot-record", "none"))

    assert "3 100 % not_recorded" in told
    assert "ask the server of today: pytest test_ivr.py::test_many --pivot-record all" in told
    assert "pivotkit call" not in told


def test_a_replay_in_a_test_is_not_the_tests_recording(project: Project, server: Server) -> None:
    """What `pk.replay` plays is recorded by no option of pytest's."""
    pk.PivotExecutor(server.url).call(cassette=project.folder / "call.yaml")
    project.write(
        "test_ivr.py",
        """
        import pivotkit as pk

        def test_call(pivot):
            call = pk.replay("call.yaml")
            assert call.hears("agent")
        """,
    )

    told = shown(project.run("--pivot-url", server.url))

    assert "pivotkit call" in told
    assert "--pivot-record" not in told


def test_a_call_in_which_nothing_was_heard(project: Project, server: Server) -> None:
    """There is no place to mark."""
    project.write("test_ivr.py", 'def test_call(pivot):\n    assert pivot.call(press=["hangup in pivot"]).hears("x")\n')
    server.stop_listening()

    result = project.run("--pivot-url", server.url)

    assert "hears('x'): not heard: the caller heard nothing at all" in shown(result)


def test_what_was_expected_and_did_not_happen_is_shown(project: Project, server: Server) -> None:
    """Of a call with an expectation."""
    project.write(
        "test_ivr.py",
        """
        import pivotkit as pk

        def test_call(pivot):
            assert pivot.call(press=["1"], expect=pk.Expect(heard="agent")).expected
        """,
    )

    told = shown(project.run("--pivot-url", server.url))

    assert "Not as expected heard: 'agent' was expected, but heard: 'Welcome. Press 1 or 2.'" in told


def test_calls_made_without_the_fixture_are_shown(project: Project, server: Server, tmp_path: Path) -> None:
    """By an executor of one's own, a replay, another fixture: what the failed test had in hand."""
    project.write(
        "test_ivr.py",
        f"""
        import pytest
        import pivotkit as pk

        @pytest.fixture(scope="module")
        def balance():
            return pk.PivotExecutor({server.url!r}).call(press=["1"])

        def test_other_fixture(balance):
            assert balance.hears("agent comes")

        def test_nothing_to_do_with_it():
            assert not 1
        """,
    )

    result = project.run()

    result.assert_outcomes(failed=2)
    assert shown(result).count("hears('agent comes'): not heard") == 1
    assert shown(result).count("pivotkit: call") == 1


def test_a_batch_is_shown_in_numbers(project: Project, server: Server) -> None:
    """Its summary; and the call that the assertion was about."""
    project.write(
        "test_ivr.py",
        """
        def test_batch(pivot):
            run = pivot.batch(3)
            assert run[1].hears("agent comes")
        """,
    )

    told = shown(project.run("--pivot-url", server.url))

    assert "pivotkit: batch 1 of 2 -" in told
    assert "3 of 3 calls were ok" in told
    assert "pivotkit: call 2 of 2 -" in told
    assert "hears('agent comes'): not heard" in told


def test_of_many_calls_the_last_are_shown(project: Project, server: Server) -> None:
    """Five of them, and how many there were."""
    project.write(
        "test_ivr.py",
        """
        def test_many(pivot):
            for number in range(7):
                pivot.call()
            assert number == 0
        """,
    )

    told = shown(project.run("--pivot-url", server.url))

    assert [number for number in range(1, 8) if f"pivotkit: call {number} of 7" in told] == [3, 4, 5, 6, 7]


def test_good_tests_and_expected_failures_show_nothing(project: Project, server: Server) -> None:
    """Not even with -rA."""
    project.write(
        "test_ivr.py",
        """
        import pytest

        def test_good(pivot):
            assert pivot.call(press=["1"]).hears("balance")

        @pytest.mark.xfail(strict=True)
        def test_known(pivot):
            assert pivot.call(press=["1"]).hears("agent")

        def test_refused(pivot):
            with pytest.raises(AssertionError):
                assert pivot.call(press=["1"]).hears("agent")
        """,
    )

    result = project.run("--pivot-url", server.url, "-rA")

    result.assert_outcomes(passed=2, xfailed=1)
    assert "pivotkit: call" not in result.stdout.str()


@pytest.mark.parametrize("pattern", ['""', "5", "None", '"/(/"'])
def test_a_pattern_that_is_none_is_the_tests_error(project: Project, server: Server, pattern: str) -> None:
    """And the conversation is still shown."""
    project.write("test_ivr.py", failing(f"assert call.hears({pattern})"))

    result = project.run("--pivot-url", server.url)

    result.assert_outcomes(failed=1)
    assert "ScriptError" in result.stdout.str()
    assert "pivotkit: call 1 of 1" in result.stdout.str()


def test_other_peoples_objects_are_left_alone(project: Project, server: Server) -> None:
    """Proxies that don't like to be asked for their class stand in the frame of a failed test."""
    project.write(
        "test_ivr.py",
        """
        import pivotkit as pk

        class Proxy:
            @property
            def __class__(self):
                raise RuntimeError("working outside of a request")

            def __repr__(self):
                return "a proxy"

        def test_call(pivot):
            proxy = Proxy()
            assert pivot.call().hears("agent")
        """,
    )

    result = project.run("--pivot-url", server.url)

    result.assert_outcomes(failed=1)
    assert "pivotkit: call 1 of 1" in result.stdout.str()


def test_conversations_come_through_xdist_and_into_junit(project: Project, server: Server) -> None:
    """They are sections of pytest's own report."""
    project.write("test_ivr.py", failing('assert call.hears("agent comes")'))

    result = project.run_apart("-n", "1", "--pivot-url", server.url, "--junit-xml", "junit.xml")

    result.assert_outcomes(failed=1)
    assert "hears('agent comes'): not heard" in shown(result)
    assert 'name="test_call"' in project.text("junit.xml")
