"""What a test calls and how: markers, fixtures, the ini file, the environment and the command line."""

from __future__ import annotations

import json

import pytest

from pivotkit.executor import Mode
from pivotkit.pytest_plugin import options
from plugin_project import Project, shown
from servers import Server

pytest_plugins = ["pytester"]

CALL = """
    def test_call(pivot):
        assert pivot.call(press=["1"]).hears("balance")
"""


def marked(target: str) -> str:
    """A test with a target."""
    return f"""
    import pytest
    import pivotkit as pk
    from pathlib import Path

    @pytest.mark.pivot(target={target})
    def test_call(pivot):
        assert pivot.call(press=["1"]).hears("balance")
    """


FLOW = {"module": "answer", "children": {"_": {"module": "pivot", "data": {"voice_url": "/ivr", "method": "post"}}}}


@pytest.mark.parametrize(
    "target",
    [
        '"/ivr"',
        'pk.PivotAction(voice_url="/ivr", method="post")',
        '{"voice_url": "/ivr"}',
        repr(FLOW),
        f"pk.Callflow.from_dict({FLOW!r})",
        '"flows/menu.json"',
        'Path("flows/menu.json")',
    ],
    ids=["path", "action", "action-as-dict", "flow-as-dict", "flow", "file", "file-as-path"],
)
def test_targets_on_the_server_under_test(project: Project, server: Server, target: str) -> None:
    """Addresses that begin with / are on the server that pivot_url names; files are found beside the test."""
    project.write("tests/test_ivr.py", marked(target))
    project.write("tests/flows/menu.json", json.dumps({"flow": FLOW}))

    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    assert server.requests[0].target.partition("?")[0] == "/ivr"

    server.stop_listening()
    project.run("--pivot-record", "none").assert_outcomes(passed=1)
    project.run("--pivot-url", "http://127.0.0.1:9").assert_outcomes(passed=1)


def test_a_whole_url_needs_no_server(project: Project, server: Server) -> None:
    """It says it all."""
    project.write("test_ivr.py", marked(repr(f"{server.url}/ivr?tenant=1")))

    project.run().assert_outcomes(passed=1)
    assert server.requests[0].fields["tenant"] == "1"


def test_without_a_target_the_servers_own_url_is_called(project: Project, server: Server) -> None:
    """Also by a test without a marker; a path before it is kept for other tests' paths."""
    project.write("test_ivr.py", CALL + marked('"/menu"').replace("test_call", "test_menu"))

    project.run("--pivot-url", f"{server.url}/acme/").assert_outcomes(passed=2)
    assert [request.target.partition("?")[0] for request in server.requests[::2]] == ["/acme/", "/acme/menu"]
    server.stop_listening()
    project.run("--pivot-record", "none").assert_outcomes(passed=2)


def test_the_fixture_pivot_url_can_start_the_server(project: Project) -> None:
    """In any scope."""
    project.write(
        "conftest.py",
        """
        import pytest
        from pivotkit.demo import DemoServer

        @pytest.fixture(scope="session")
        def pivot_url():
            with DemoServer() as server:
                yield server.url
        """,
    )
    project.write("test_ivr.py", marked('"/kazoo/welcome"').replace("balance", "welcome"))

    project.run().assert_outcomes(passed=1)


def test_a_server_from_the_ini_file(project: Project, server: Server) -> None:
    """The ini options pivot_url and pivot_record."""
    project.write("pytest.ini", f"[pytest]\npivot_url = {server.url}\npivot_record = all\n")
    project.write("test_ivr.py", CALL)

    for _ in range(2):
        project.run().assert_outcomes(passed=1)
    assert len(server.requests) == 4


def test_a_server_from_the_environment(project: Project, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """PIVOTKIT_URL and PIVOTKIT_RECORD; they go before the ini file."""
    project.write("pytest.ini", "[pytest]\npivot_url = http://127.0.0.1:9\npivot_record = none\n")
    project.write("test_ivr.py", CALL)
    monkeypatch.setenv("PIVOTKIT_URL", server.url)
    monkeypatch.setenv("PIVOTKIT_RECORD", "all")

    for _ in range(2):
        project.run().assert_outcomes(passed=1)
    assert len(server.requests) == 4


def test_a_profile_from_the_marker(project: Project, server: Server) -> None:
    """The closest marker counts, argument by argument; below all of them stands the fixture pivot_config."""
    project.write(
        "test_ivr.py",
        """
        import pytest
        import pivotkit as pk

        pytestmark = pytest.mark.pivot(target="/ivr", profile="4.x")

        @pytest.fixture
        def pivot_config():
            return {"profile": "docs", "seed": 1, "redact": ["Caller-ID-Number", "From"]}

        def test_module(pivot):
            assert pivot.call(press=["1"]).record.profile == "4.x"

        @pytest.mark.pivot(profile="5.x")
        def test_own(pivot):
            assert pivot.call(press=["1"]).record.profile == "5.x"
        """,
    )

    project.run("--pivot-url", server.url).assert_outcomes(passed=2)
    assert {request.target.partition("?")[0] for request in server.requests[::2]} == {"/ivr"}
    assert len({request.fields["Call-ID"] for request in server.requests}) == 1  # of one seed
    assert all("14155550100" not in project.text(name).partition("metadata:")[0] for name in project.cassettes())
    project.run("--pivot-record", "none").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("args", "environ", "marker", "ini", "mode"),
    [
        ((), {}, None, "", "once"),
        ((), {"CI": "true"}, None, "", "none"),
        ((), {"CI": "1"}, None, "", "none"),
        ((), {"CI": "false"}, None, "", "once"),
        ((), {"CI": ""}, None, "", "once"),
        ((), {"CI": "true"}, None, "once", "once"),
        ((), {}, None, "none", "none"),
        ((), {}, "all", "none", "all"),
        ((), {"PIVOTKIT_RECORD": "new_episodes"}, "all", "none", "new_episodes"),
        (("--pivot-record", "none"), {"PIVOTKIT_RECORD": "new_episodes"}, "all", "once", "none"),
        (("--pivot-record", "all"), {"CI": "true"}, None, "", "all"),
    ],
)
def test_which_record_mode_counts(
    pytester: pytest.Pytester, args: tuple[str, ...], environ: dict[str, str], marker: str | None, ini: str, mode: str
) -> None:
    """Command line, environment, marker, ini file; else once, and none on CI. What is said goes before what is so."""
    pytester.makeini(f"[pytest]\npivot_record = {ini}\n")
    config = pytester.parseconfig(*args)

    assert options.record_mode(config, marker, environ) == mode


def test_record_modes_are_those_of_the_executor() -> None:
    """They are written twice, so that pytest's start loads no executor."""
    assert set(options.RECORD_MODES) == {mode.value for mode in Mode}


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('profle="4.x"', "pivot(profle=…): there is no such argument; did you mean profile?"),
        ('cassettes="x"', "pivot(cassettes=…): there is no such argument; did you mean cassette?"),
        ('"/ivr"', "pivot('/ivr'): say which argument it is, as in target='/ivr'"),
        ('record="onse"', "pivot(record=…): 'onse' is no record mode: choose one of all, once, new_episodes, none"),
        ('profile="6.x", target="http://127.0.0.1:9/"', "unknown profile '6.x'"),
        ('target="flow.json"', "flow.json: can't read the flow file: No such file or directory"),
        ('target="ivr"', "'ivr' is no voice_url"),
        ('target="/ivr"', "no server to call: name it with --pivot-url, PIVOTKIT_URL or the ini option pivot_url"),
        ("", "no server to call"),
    ],
)
def test_what_is_wrong_with_a_marker_is_said_at_once(project: Project, marker: str, told: str) -> None:
    """As an error of that test, without a traceback; the others run."""
    project.write(
        "test_ivr.py",
        f"""
        import pytest

        @pytest.mark.pivot({marker})
        def test_wrong(pivot):
            pass

        def test_other():
            pass
        """,
    )

    result = project.run()

    result.assert_outcomes(errors=1, passed=1)
    assert told in shown(result)
    assert "test_ivr.py::test_wrong: " in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "marked.py" not in result.stdout.str()


def test_a_wrong_mode_on_the_command_line_is_refused(project: Project) -> None:
    """Before anything runs."""
    result = project.run("--pivot-record", "onse")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "invalid choice: 'onse'" in result.stderr.str()


def test_markers_fixtures_and_options_are_known_to_pytest(project: Project) -> None:
    """In strict mode as well, and with a help for each."""
    project.write("pytest.ini", "[pytest]\nstrict = true\n")

    project.run("--markers").stdout.fnmatch_lines(["@pytest.mark.pivot(target=*, cassette=*, profile=*"])
    fixtures = project.run("--fixtures").stdout.str().partition("fixtures defined from pivotkit.pytest_plugin -")[2]
    ours = fixtures.partition("fixtures defined from")[0]
    names = [line.split()[0] for line in ours.splitlines() if " -- " in line]
    assert names == ["pivot_url", "pivot_cassette_dir", "pivot_config", "pivot"]
    assert "no docstring" not in ours
    helped = project.run("--help").stdout
    helped.fnmatch_lines(["  --pivot-record=*", "  --pivot-url=*", "  --pivot-strict *"])
    helped.fnmatch_lines(["  --pivot-stable *", "  --pivot-unused *"])
    helped.fnmatch_lines(["  pivot_cassettes (paths):*"])
