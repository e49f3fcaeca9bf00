"""What a call is aimed at, in every form."""

from __future__ import annotations

from typing import Any

import pytest

import pivotkit as pk
from apps import asgi_app, say, wsgi_app
from pivotkit.executor import aim_at
from pivotkit.transport import App


def app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [say(f"You asked {environ['PATH_INFO']}.")]


@pytest.mark.parametrize(
    ("target", "label", "place"),
    [
        ("http://h/ivr", "http://h/ivr", "http://h/ivr"),
        (pk.PivotAction(voice_url="http://h/ivr"), "http://h/ivr", None),
        ({"voice_url": "http://h/ivr"}, "http://h/ivr", None),
        (pk.Callflow.from_dict({"module": "pivot", "data": {"voice_url": "http://h/ivr"}}), "http://h/ivr", None),
    ],
    ids=["a URL", "an action", "a dict", "a flow"],
)
def test_whatever_its_form_a_target_is_a_flow(target: Any, label: str, place: str | None) -> None:
    """Only a URL is a place alone, which another flow can be moved to."""
    aim = aim_at(target)

    assert aim.flow.urls() == ("http://h/ivr",)
    assert (aim.label, aim.place, aim.app) == (label, place, None)


@pytest.mark.parametrize(
    ("voice_url", "url"),
    [
        (None, "http://pivotkit.test/"),
        ("/ivr", "http://pivotkit.test/ivr"),
        ("ivr?a=1", "http://pivotkit.test/ivr?a=1"),
        (pk.PivotAction(voice_url="/ivr", method="post"), "http://pivotkit.test/ivr"),
        ({"module": "pivot", "data": {"voice_url": "/ivr"}}, "http://pivotkit.test/ivr"),
    ],
)
def test_in_an_app_a_voice_url_is_a_path(voice_url: Any, url: str) -> None:
    """In an action or a flow too; the default is the root."""
    aim = aim_at(app, voice_url)

    assert aim.flow.urls() == (url,)
    assert aim.app is not None
    assert aim.app.app is app


def test_an_app_is_named_for_people() -> None:
    """By function or class, and path; a reference is a word that the command line takes back."""

    class Shop:
        def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
            return []

    assert aim_at(app, "/ivr").label.endswith("test_target:app/ivr")
    assert aim_at(Shop(), "/ivr").label == "Shop app /ivr"
    assert aim_at(App(app=app, interface="wsgi", name="shop:app"), "/").label == "shop:app"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": 7}, "is no target: give a voice_url"),
        ({"target": "flow.json"}, "a flow's file is loaded with Callflow.load"),
        ({"target": "http://h/", "voice_url": "/ivr"}, "are for a target that is an app"),
        ({"target": "http://h/", "interface": "wsgi"}, "are for a target that is an app"),
        ({"target": app, "interface": "cgi"}, "choose one of wsgi, asgi"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], message: str) -> None:
    """The message says what would."""
    with pytest.raises(pk.UsageError, match=message):
        aim_at(**arguments)


def test_calls_to_an_app_fill_the_same_tables(tmp_path: Any) -> None:
    """A batch, its cassettes, and their replay without the app."""
    with pk.PivotExecutor(app, voice_url="/ivr", cassettes=tmp_path) as pivot:
        run = pivot.batch(3, workers=2)

    assert list(run.heard.prompt) == ["You asked /ivr."] * 3
    assert run.timings[["dns_ms", "connect_ms", "tls_ms", "send_ms", "wait_ms", "receive_ms"]].isna().all(axis=None)
    assert run.timings.total_ms.notna().all()
    assert run.requests.peer.isna().all()
    assert [pk.replay(tape).heard for tape in sorted(tmp_path.iterdir())] == [("You asked /ivr.",)] * 3


def test_record_once_works_with_an_app(tmp_path: Any) -> None:
    """The second call is replayed."""
    asked: list[str] = []
    counting = wsgi_app(lambda environ: asked.append("once") or say("Hello."))
    pivot = pk.PivotExecutor(counting, record="once", cassettes=tmp_path)

    assert [pivot.call().record.replayed for _ in range(2)] == [False, True]
    assert asked == ["once"]


def test_the_log_of_an_app_is_recorded_and_replayed(tmp_path: Any) -> None:
    """With the answer that it explains; secrets are taken out of it."""

    def raising(environ: Any, start_response: Any) -> list[bytes]:
        raise LookupError("no caller 4321")

    with pk.PivotExecutor(raising, secrets={"pin": "4321"}) as pivot:
        call = pivot.call(cassette=tmp_path / "tape.yaml")
    assert call.requests[0].result.log.endswith("no caller 4321")

    again = pk.replay(tmp_path / "tape.yaml")

    assert again.requests[0].result.log.endswith("LookupError: no caller xxxx")
    assert "the app's log: LookupError: no caller xxxx" in str(again)


def test_what_an_app_does_not_answer_for_goes_to_the_network() -> None:
    """Under the guard that always holds there: a host that nobody named is refused."""
    elsewhere = b'{"module": "pivot", "data": {"voice_url": "http://127.0.0.1:9/next"}}'
    with pk.PivotExecutor(asgi_app(lambda scope, body: elsewhere)) as pivot:
        refused = pivot.call()
    with pk.PivotExecutor(asgi_app(lambda scope, body: elsewhere), allow_hosts=["127.0.0.1"]) as pivot:
        asked = pivot.call()

    assert [pivot.outcome for pivot in refused.pivots] == ["flow_taken_over", "host_not_allowed"]
    assert [pivot.outcome for pivot in asked.pivots] == ["flow_taken_over", "connect_refused"]
