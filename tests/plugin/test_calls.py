"""Calls in tests: recorded on the first run, replayed from then on, each test with cassettes of its own."""

from __future__ import annotations

import pytest

from plugin_project import OFFLINE, Project, shown
from servers import Received, Server, answer, http_server, refused_port

pytest_plugins = ["pytester"]

BALANCE = """
    import pytest

    @pytest.mark.pivot(target="/ivr")
    def test_balance(pivot):
        call = pivot.call(press=["1"])
        assert call.hears("Your balance*")
        assert call.ok
"""


def test_a_call_is_recorded_once_and_replayed_from_then_on(project: Project, server: Server) -> None:
    """Record mode once: the second run asks nobody."""
    project.write("tests/test_ivr.py", BALANCE)

    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    assert project.cassettes() == ["tests/cassettes/test_ivr/test_balance.yaml"]
    assert len(server.requests) == 2

    server.stop_listening()
    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    assert len(server.requests) == 2


def test_parametrised_presses_have_a_cassette_each(project: Project, server: Server) -> None:
    """Names come from the parameters; what a file name can't hold gets a hash."""
    project.write(
        "test_ivr.py",
        """
        import pytest

        @pytest.mark.parametrize(("keys", "said"), [("1", "balance"), ("2", "agent"), ("*", "Sorry")])
        def test_key(pivot, keys, said):
            assert pivot.call(press=[keys]).hears(said)
        """,
    )

    project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=3)
    *plain, hashed = project.cassettes()
    assert plain == [f"cassettes/test_ivr/test_key.{each}.yaml" for each in ("1-balance", "2-agent")]
    assert hashed.startswith("cassettes/test_ivr/test_key.Sorry-")
    server.stop_listening()
    project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=3)


def test_a_caller_of_ones_own(project: Project, server: Server) -> None:
    """Callers, expectations and all that `PivotExecutor.call` takes."""
    project.write(
        "test_ivr.py",
        """
        import pivotkit as pk

        def test_jane(pivot):
            jane = pk.Caller(from_="+15005550006", name="jane", press=["2"])
            call = pivot.call(jane, expect=pk.Expect(heard="agent"))
            assert call.expected is True
            assert call.record.from_number == "+15005550006"
        """,
    )

    project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=1)
    assert server.requests[0].fields["Caller-ID-Number"] == "+15005550006"
    assert 'from: "+15005550006"' in project.text("cassettes/test_ivr/test_jane.yaml")


def test_a_class_of_tests(project: Project, server: Server) -> None:
    """A marked class; each test has its own cassette, named after class and test."""
    project.write(
        "test_ivr.py",
        """
        import pytest

        @pytest.mark.pivot(target="/ivr")
        class TestMenu:
            class TestKeys:
                def test_one(self, pivot):
                    assert pivot.call(press=["1"]).hears("balance")

            def test_two(self, pivot):
                assert pivot.call(press=["2"]).hears("agent")
        """,
    )

    project.run("--pivot-url", server.url).assert_outcomes(passed=2)
    assert project.cassettes() == [
        "cassettes/test_ivr/TestMenu.TestKeys.test_one.yaml",
        "cassettes/test_ivr/TestMenu.test_two.yaml",
    ]


def test_unittest_style(project: Project, server: Server) -> None:
    """A TestCase takes the fixture in the way that pytest has for it."""
    project.write(
        "test_ivr.py",
        """
        import unittest
        import pytest

        @pytest.mark.pivot(target="/ivr")
        class MenuTest(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _executor(self, pivot):
                self.pivot = pivot

            def setUp(self):
                self.call = self.pivot.call(press=["1"])

            def test_balance(self):
                self.assertTrue(self.call.hears("balance"))

            def test_agent(self):
                self.assertTrue(self.call.hears("an agent comes"))
        """,
    )

    result = project.run("--pivot-url", server.url)

    result.assert_outcomes(passed=1, failed=1)
    assert "hears('an agent comes'): not heard" in result.stdout.str()
    assert "“Your balance is 5 euros.”" in result.stdout.str()
    assert project.cassettes() == [
        "cassettes/test_ivr/MenuTest.test_agent.yaml",
        "cassettes/test_ivr/MenuTest.test_balance.yaml",
    ]


def test_several_calls_of_a_test_are_numbered(project: Project, server: Server) -> None:
    """The number stands before the parameters, so that no other test can have that name."""
    project.write(
        "test_ivr.py",
        """
        import pytest

        @pytest.mark.parametrize("keys", ["1", "1-2"])
        def test_twice(pivot, keys):
            assert pivot.call(press=["1"]).hears("balance")
            assert pivot.call(press=["2"]).hears("agent")

        @pytest.mark.pivot(cassette="both")
        def test_named(pivot):
            assert pivot.call(press=["1"]).hears("balance")
            assert pivot.call(press=["2"]).hears("agent")
            assert pivot.call(cassette="silent.json").hears("sorry")
        """,
    )

    for _ in range(2):
        project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=3)
        server.stop_listening()
    assert set(project.cassettes()) == {
        "cassettes/both-2.yaml",
        "cassettes/both.yaml",
        *(f"cassettes/test_ivr/test_twice{each}.yaml" for each in (".1", ".1-2", "-2.1", "-2.1-2")),
    }
    assert (project.folder / "cassettes/silent.json").is_file()


def test_a_batch_has_a_folder(project: Project, server: Server) -> None:
    """One file a call in it; the next batch of the test has the next folder."""
    project.write(
        "test_ivr.py",
        """
        import pivotkit as pk

        def test_many(pivot):
            run = pivot.batch([pk.Caller(press=[key]) for key in "12"], workers=2)
            assert [call.hears("agent") for call in run] == [False, True]
            assert pivot.batch(1)[0].hears("sorry")
        """,
    )

    for _ in range(2):
        project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=1)
        server.stop_listening()
    assert project.cassettes() == [
        "cassettes/test_ivr/test_many-2/default-0.yaml",
        "cassettes/test_ivr/test_many/default-0.yaml",
        "cassettes/test_ivr/test_many/default-1.yaml",
    ]


def test_tests_that_name_the_same_cassette_share_the_call(project: Project, server: Server) -> None:
    """The first one records it."""
    project.write(
        "test_ivr.py",
        """
        import pytest

        @pytest.mark.pivot(target="/ivr", cassette="balance")
        class TestBalance:
            @pytest.mark.parametrize("text", ["welcome", "your balance", "5 euros"])
            def test_hears(self, pivot, text):
                assert pivot.call(press=["1"]).hears(text)
        """,
    )

    project.run("--pivot-url", server.url).assert_outcomes(passed=3)
    assert project.cassettes() == ["cassettes/balance.yaml"]
    assert len(server.requests) == 2


def test_offline_on_ci(project: Project, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set nothing is asked, neither the server nor where it is; another port's recording replays."""
    project.write("tests/test_ivr.py", BALANCE)
    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    monkeypatch.setenv("CI", "true")
    project.write("conftest.py", OFFLINE)
    project.write(
        "tests/conftest.py",
        """
        import pytest

        @pytest.fixture
        def pivot_url():
            raise AssertionError("no server runs here")
        """,
    )

    project.run_apart().assert_outcomes(passed=1)
    assert len(server.requests) == 2


def test_what_is_not_recorded_fails_on_ci(project: Project, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which file is missing and which command records it."""
    project.write("tests/test_ivr.py", BALANCE)
    monkeypatch.setenv("CI", "true")

    result = project.run("--pivot-url", server.url)

    result.assert_outcomes(failed=1)
    told = shown(result)
    assert "tests/cassettes/test_ivr/test_balance.yaml does not exist" in told
    assert "record it again: pytest tests/test_ivr.py::test_balance --pivot-record all" in told
    assert server.connections == 0
    assert project.cassettes() == []


def test_one_test_is_recorded_anew(project: Project, server: Server) -> None:
    """Its cassette is replaced, the others stay."""
    project.write("test_ivr.py", "\n".join([BALANCE, BALANCE.replace("test_balance", "test_other")]))
    project.run("--pivot-url", server.url).assert_outcomes(passed=2)
    before = {name: project.text(name) for name in project.cassettes()}

    project.run("test_ivr.py::test_balance", "--pivot-url", server.url, "--pivot-record", "all").assert_outcomes(
        passed=1
    )

    changed = [name for name in project.cassettes() if project.text(name) != before[name]]
    assert changed == ["cassettes/test_ivr/test_balance.yaml"]
    assert len(server.requests) == 6


def test_a_call_that_goes_another_way_is_not_recorded(project: Project, server: Server) -> None:
    """In replay: what was asked, what comes nearest, what to do; and no frames of pivotkit's."""
    path = project.write("test_ivr.py", BALANCE)
    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    project.write("test_ivr.py", path.read_text().replace('press=["1"]', 'press=["2"]'))

    result = project.run("--pivot-url", server.url)

    result.assert_outcomes(failed=1)
    told = shown(result)
    assert 'query Digits[default]: asked "2", recorded "1"' in told
    assert "pivotkit call" not in told.partition("short test summary")[0]
    assert "record it again: pytest test_ivr.py::test_balance --pivot-record all" in told
    assert "test_ivr.py:5: NotRecorded" in told
    assert "pivotkit/executor" not in told


def test_a_damaged_cassette_is_an_error_and_stays(project: Project, server: Server) -> None:
    """It is never recorded over."""
    project.write("test_ivr.py", BALANCE)
    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    file = project.folder / "cassettes/test_ivr/test_balance.yaml"
    file.write_text(file.read_text()[:500])

    for mode in ("once", "all"):
        result = project.run("--pivot-url", server.url, "--pivot-record", mode)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert "test_balance.yaml:" in shown(result)
        assert file.stat().st_size == 500


def test_a_server_that_was_not_reached_is_not_recorded(project: Project) -> None:
    """Whoever forgot to start it would replay that; unless the test wanted it so."""
    project.write("test_ivr.py", BALANCE + "\n    def test_down(pivot):\n        assert not pivot.call().ok\n")

    with refused_port() as port:
        result = project.run("--pivot-url", f"http://127.0.0.1:{port}")

    result.assert_outcomes(passed=1, failed=1)
    assert project.cassettes() == ["cassettes/test_ivr/test_down.yaml"]


def test_a_batch_that_reached_nobody_is_not_recorded(project: Project, server: Server) -> None:
    """Nor does it take anything with it that was recorded when the server was there, whatever the mode."""
    project.write("test_ivr.py", "def test_many(pivot):\n    assert all(call.ok for call in pivot.batch(2))\n")
    with refused_port() as port:
        nobody = f"http://127.0.0.1:{port}"
        project.run("--pivot-url", nobody).assert_outcomes(failed=1)
        assert project.cassettes() == []

        project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=1)
        recorded = [(name, (project.folder / name).read_bytes()) for name in project.cassettes()]
        project.run("--pivot-url", nobody, "--pivot-record", "all").assert_outcomes(failed=1)

    assert [(name, (project.folder / name).read_bytes()) for name in project.cassettes()] == recorded
    assert len(recorded) == 2


def test_the_folder_of_cassettes_can_be_another(project: Project, server: Server) -> None:
    """The fixture pivot_cassette_dir, in any scope; a relative path is seen from the rootdir, whatever a test does."""
    moving = BALANCE.replace("(pivot)", "(pivot, monkeypatch, tmp_path)")
    project.write("tests/test_ivr.py", moving.replace("call =", "monkeypatch.chdir(tmp_path)\n        call ="))
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def pivot_cassette_dir():
            return "cassettes/calls"
        """,
    )

    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    assert project.cassettes() == ["cassettes/calls/tests/test_ivr/test_balance.yaml"]


def test_modules_of_one_name_share_no_cassette(project: Project, server: Server) -> None:
    """Where all record into one folder, each has its own path in it; only beside the module its name is enough."""
    for folder, key in (("a", "1"), ("b", "2")):
        project.write(f"{folder}/test_ivr.py", f'def test_call(pivot):\n    pivot.call(press=["{key}"])\n')
    project.write(
        "conftest.py",
        """
        import pytest
        from pathlib import Path

        @pytest.fixture(scope="session")
        def pivot_cassette_dir():
            return Path(__file__).parent / "a" / "cassettes"
        """,
    )

    project.run("--import-mode", "importlib", "--pivot-url", server.url).assert_outcomes(passed=2)

    assert project.cassettes() == [f"a/cassettes/{module}/test_call.yaml" for module in ("b/test_ivr", "test_ivr")]


def test_xdist_never_has_two_workers_on_one_file(project: Project) -> None:
    """Tests that share a cassette: who comes second waits, and replays what the first one recorded."""

    def slow(request: Received) -> bytes:
        server.over.wait(0.5)
        return answer('{"module": "tts", "data": {"text": "Hello."}}')

    project.write(
        "test_ivr.py",
        """
        import pytest

        @pytest.mark.pivot(cassette="shared")
        @pytest.mark.parametrize("number", range(4))
        def test_shared(pivot, number):
            assert pivot.call().hears("hello")

        def test_own(pivot):
            assert pivot.call().hears("hello")
        """,
    )
    with http_server(slow) as server:
        result = project.run_apart("-n", "2", "--pivot-url", server.url)

    result.assert_outcomes(passed=5)
    assert project.cassettes() == ["cassettes/shared.yaml", "cassettes/test_ivr/test_own.yaml"]
    assert len(server.requests) == 2


def test_a_rerun_in_the_same_process_shows_only_its_own_calls(project: Project, server: Server) -> None:
    """As by plugins that run a failed test once more."""
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            from _pytest.runner import runtestprotocol

            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            runtestprotocol(item, nextitem=nextitem, log=False)
            item._initrequest()
            runtestprotocol(item, nextitem=nextitem)
            return True
        """,
    )
    project.write("test_ivr.py", BALANCE.replace("Your balance", "Your agent"))

    result = project.run("--pivot-url", server.url)

    assert "pivotkit: call 1 of 1" in result.stdout.str()
