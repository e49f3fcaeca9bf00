"""`pk.check`: recorded callers against today's server, over sockets and in this process."""

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from servers import Received, Server, answer, http_server, refused_port
from voice_shop import Shop


@pytest.fixture
def tapes(shop: Shop, server: Server, tmp_path: Path) -> Path:
    """Two recorded calls: one through the menu, one of TwiML."""
    with pk.PivotExecutor(f"{server.url}/menu") as pivot:
        pivot.call(press=["1"], cassette=tmp_path / "menu.yaml")
    action = pk.PivotAction(voice_url=f"{server.url}/twiml", req_format="twiml", method="post")
    with pk.PivotExecutor(action) as pivot:
        pivot.call(cassette=tmp_path / "twiml.yaml")
    shop.asked.clear()
    return tmp_path


def told(check: pk.Check) -> list[str]:
    return [str(difference) for difference in check.differences]


def test_an_unchanged_server_has_no_difference(server: Server, tapes: Path) -> None:
    """Although each call has a Call-ID of its own."""
    check = pk.check(server.url, tapes)

    assert check
    assert len(check) == 2
    assert told(check) == []


def test_each_call_has_a_fresh_call_id(shop: Shop, server: Server, tapes: Path) -> None:
    """A server may remember the recorded one."""
    pk.check(server.url, tapes / "menu.yaml")

    (_, first), (_, second) = shop.asked
    assert first["Call-ID"] == second["Call-ID"] != [pk.Cassette.load(tapes / "menu.yaml").call_id]


def test_another_port_is_the_same_server(other: Server, tapes: Path) -> None:
    """Its own absolute URLs count as they did."""
    assert told(pk.check(other.url, tapes)) == []
    assert len(other.requests) == 3


def test_an_app_of_this_process_answers_as_the_server_did(shop: Shop, tapes: Path) -> None:
    """The same cassettes, no port and no thread."""
    threads: set[threading.Thread] = set()

    def app(environ: Any, start_response: Any) -> Any:
        threads.add(threading.current_thread())
        return shop.wsgi(environ, start_response)

    assert told(pk.check(app, tapes)) == []
    assert threads == {threading.current_thread()}


def test_what_was_recorded_from_an_app_is_checked_over_a_socket(shop: Shop, server: Server, tmp_path: Path) -> None:
    """And the other way round: a cassette is a cassette."""
    with pk.PivotExecutor(shop.wsgi, voice_url="/menu") as pivot:
        pivot.call(press=["1"], cassette=tmp_path / "menu.yaml")

    assert told(pk.check(server.url, tmp_path)) == []


def test_another_text_is_told_as_prompt_and_as_answer(shop: Shop, server: Server, tapes: Path) -> None:
    """What the caller hears, and where the server said it."""
    shop.balance = "You owe 500 euros."

    prompt, body = pk.check(server.url, tapes / "menu.yaml").differences

    assert prompt.diff == ("-“You owe 12 euros.”", "+“You owe 500 euros.”")
    assert str(body) == "answer 2: POST /balance: the callflow changed at /data/text"
    assert '+  "text": "You owe 500 euros."' in body.diff


def test_another_way_and_another_end_are_told(shop: Shop, server: Server, tapes: Path) -> None:
    """A broken server in a person's words, the lost request included."""
    shop.status = 500

    sentences = told(pk.check(server.url, tapes / "menu.yaml"))

    assert sentences == [
        "outcome: was flow_taken_over, now http_server_error: the server reported an error of its own",
        "ended: was NORMAL_CLEARING (an ordinary hang-up), now no_branch (hung up: the flow has no branch to take)",
        "branch: the call doesn't go on to tts, collect_dtmf, pivot, tts",
        "heard: prompts 1 and 2 are not heard any more",
        "answer 1: GET /menu: status was 200, now 500",
        "request 2: POST /balance is not made any more",
    ]


def test_a_parameter_that_is_gone_is_told(shop: Shop, server: Server, tapes: Path) -> None:
    """The server collects under another name now, so the next request says something else."""
    flow = shop._menu(server.url)
    flow["children"]["_"]["data"]["collection_name"] = "choice"
    shop._menu = lambda origin: flow

    sentences = told(pk.check(server.url, tapes / "menu.yaml"))

    assert sentences == [
        "answer 1: GET /menu: the callflow changed at /children/_/data/collection_name",
        'request 2: parameter Digits[choice] is new: "1"',
        'request 2: parameter Digits[default] is gone (was "1")',
    ]


def test_what_was_expected_counts_too(shop: Shop, server: Server, tmp_path: Path) -> None:
    """A cassette is a test case: it keeps what should happen."""
    with pk.PivotExecutor(f"{server.url}/menu") as pivot:
        pivot.call(press=["1"], cassette=tmp_path / "menu.yaml", expect=pk.Expect(heard="12 euros"))
    shop.balance = "You owe nothing."

    assert told(pk.check(server.url, tmp_path, ignore=["2:/data/text"]))[0].startswith("expected: ")


def test_a_script_that_does_not_fit_any_more_is_a_difference(shop: Shop, server: Server, tmp_path: Path) -> None:
    """Keys were recorded, and today the server records speech."""
    with pk.PivotExecutor(pk.PivotAction(voice_url=f"{server.url}/twiml", req_format="twiml")) as pivot:
        shop.twiml = '<Response><Gather numDigits="1"><Say>Press.</Say></Gather></Response>'
        pivot.call(press=["1"], cassette=tmp_path / "tape.yaml")
    shop.twiml = "<Response><Record/></Response>"

    check = pk.check(server.url, tmp_path)

    assert told(check) == [
        "script: the call was stopped there, for the recorded caller doesn't know how to go on: "
        "entry 1 of the script, '1', is for keys, but the caller is recorded by Record",
        "answer 1: GET /twiml: the TwiML changed at /Response/Gather/@numDigits, /Response/Gather/Say",
    ]


@pytest.fixture
def mailbox(server: Server, tmp_path: Path) -> Path:
    """A caller with keys for the menu, which voicemail in the branch ``_`` can't take."""
    voicemail = {"module": "voicemail", "data": {"id": "0123456789abcdef0123456789abcdef"}}
    flow = pk.PivotAction(voice_url=f"{server.url}/menu").to_flow({"_": voicemail})
    with pk.PivotExecutor(pk.Callflow.from_dict(flow)) as pivot:
        pivot.call(press=["1"], cassette=tmp_path / "mailbox.yaml")
    return tmp_path / "mailbox.yaml"


def test_a_server_that_fails_is_told_before_the_script_that_does_not_fit(
    shop: Shop, server: Server, mailbox: Path
) -> None:
    """The failure is why the caller came where his keys are good for nothing. Such a call is no recording."""
    shop.status = 500
    before = mailbox.read_bytes()

    check = pk.check(server.url, mailbox, update=True)

    assert told(check) == [
        "outcome: was flow_taken_over, now http_server_error: the server reported an error of its own",
        "script: the call was stopped there, for the recorded caller doesn't know how to go on: "
        "entry 1 of the script, '1', is for keys, but the caller is recorded by voicemail",
        "answer 1: GET /menu: status was 200, now 500",
    ]
    assert "today        FALLBACK (branch _): the server reported an error of its own" in str(check)
    assert not check.unreached
    assert mailbox.read_bytes() == before


def test_a_server_that_is_not_there_is_no_matter_of_the_script(mailbox: Path) -> None:
    """Nothing was compared, whatever the branch ``_`` asks of the caller."""
    with refused_port() as port:
        check = pk.check(f"http://127.0.0.1:{port}", mailbox)

        assert check.unreached
        assert str(check).endswith(f"never reached: nothing listens at 127.0.0.1:{port}")
        assert "script" not in str(check)


def test_a_recording_that_its_own_script_does_not_fit_is_told(shop: Shop, server: Server, tapes: Path) -> None:
    """Somebody changed the script by hand; the server changed, too."""
    tape = tapes / "menu.yaml"
    tape.write_text(tape.read_text().replace('press: ["1"]', 'press: ["rec:3"]'))
    shop.balance = "You owe nothing."

    (only,) = pk.check(server.url, tape).differences

    assert only.kind == "recording"


def test_only_what_is_slower_by_the_factor_is_told(server: Server, tapes: Path) -> None:
    """The recording's times are kept; a factor of a million is never reached."""
    tape = tapes / "menu.yaml"
    text = tape.read_text()
    lines = [f"{line.partition('total')[0]}total 0.001" if "timings_ms:" in line else line for line in text.split("\n")]
    tape.write_text("\n".join(f'{line}"' if line.endswith("total 0.001") else line for line in lines))

    assert told(pk.check(server.url, tape, slower=1e9)) == []
    with pytest.raises(pk.UsageError, match="a factor above 0"):
        pk.check(server.url, tape, slower=0)


def test_a_call_id_that_the_user_chose_is_not_used_again(shop: Shop, server: Server, tmp_path: Path) -> None:
    """However short it is, it makes no difference."""
    with pk.PivotExecutor(f"{server.url}/menu") as pivot:
        pivot.call(pk.Caller(call_id="1", press=["1"]), cassette=tmp_path / "menu.yaml")
    shop.asked.clear()

    assert told(pk.check(server.url, tmp_path)) == []
    assert shop.asked[0][1]["Call-ID"] != ["1"]


# ── where the calls go ──────────────────────────────────────────────────────────────────────────


def test_a_path_takes_the_place_of_the_recorded_one(shop: Shop, tapes: Path) -> None:
    """The voice_url has moved; what it answers is compared all the same."""
    with http_server(lambda request: shop.over_socket(_moved(request))) as other:
        check = pk.check(f"{other.url}/v2/menu", tapes / "menu.yaml")

        assert told(check) == []
        assert [request.target.partition("?")[0] for request in other.requests] == ["/v2/menu", "/balance"]


def _moved(request: Received) -> Received:
    return Received(request.raw.replace(b"/v2/menu", b"/menu"))


def test_one_path_can_not_stand_for_several(server: Server, tapes: Path) -> None:
    """Else one of them would be asked for what it never answered."""
    with pytest.raises(pk.UsageError, match=r"2 different ones \(/menu, /twiml\): leave the path out"):
        pk.check(f"{server.url}/menu", tapes)


def test_a_flow_takes_the_place_of_the_recorded_one(server: Server, tapes: Path) -> None:
    """Its own actions and children count."""
    flow = pk.PivotAction(voice_url=f"{server.url}/menu").to_flow({"_": {"module": "voicemail", "data": {}}})

    assert told(pk.check(pk.Callflow.from_dict(flow), tapes / "menu.yaml")) == []
    broken = pk.Callflow.from_dict(pk.PivotAction(voice_url=f"{server.url}/nowhere").to_flow())
    assert "now http_client_error" in told(pk.check(broken, tapes / "menu.yaml"))[0]


def test_hosts_beside_the_target_are_asked_if_they_are_allowed(
    shop: Shop, server: Server, other: Server, tmp_path: Path
) -> None:
    """Those that the recording was allowed to ask still are; the guard holds for all others."""
    shop.twiml = f"<Response><Redirect>{other.url}/balance</Redirect></Response>"
    action = pk.PivotAction(voice_url=f"{server.url}/twiml", req_format="twiml")
    for name, hosts in (("allowed", [f"127.0.0.1:{other.port}"]), ("refused", [])):
        with pk.PivotExecutor(action, allow_hosts=hosts) as pivot:
            pivot.call(cassette=tmp_path / f"{name}.yaml")
    before = len(other.requests)

    check = pk.check(server.url, [tmp_path / "allowed.yaml"])

    assert told(check) == []
    assert len(other.requests) == before + 1


# ── what is volatile ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def restless(shop: Shop) -> Shop:
    """The shop with a new session and another balance in each call."""
    numbers = itertools.count(100)
    shop.session = lambda: f"s{next(numbers)}"
    shop.balance = "You owe 100 euros."
    return shop


def balance_of(shop: Shop) -> None:
    numbers = itertools.count(7)
    reply = shop.reply

    def restless_reply(*args: Any) -> Any:
        shop.balance = f"You owe {next(numbers)} euros."
        return reply(*args)

    shop.reply = restless_reply


def test_what_the_user_names_is_not_compared(restless: Shop, server: Server, tapes: Path) -> None:
    """The session stands in the first answer, and in the second request's URL."""
    assert len(told(pk.check(server.url, tapes))) == 2
    assert told(pk.check(server.url, tapes, ignore=["/children/_/children/_/data/voice_url"])) == []
    assert told(pk.check(server.url, tapes, ignore=[r"/\bs\d+/"])) == []


def test_what_differs_between_two_calls_is_proposed(restless: Shop, server: Server, tapes: Path) -> None:
    """As narrow as it can be: of a text in which only digits differ the words are still compared."""
    balance_of(restless)

    check = pk.check(server.url, tapes, learn=True)

    proposed = {checked.path.name: checked.proposed for checked in check}
    assert proposed["twiml.yaml"] == ()
    assert set(proposed["menu.yaml"]) == {
        r"/\{server\}/balance\?session=s\d+/",
        r"/^session=.*/",
        r"/You owe \d+ euros\./",
    }
    assert told(check) == []
    assert len(restless.asked) == 6


def test_what_was_learned_is_kept_in_the_cassette(restless: Shop, server: Server, tapes: Path) -> None:
    """From then on a plain check knows it, and still sees what is really new."""
    balance_of(restless)

    pk.check(server.url, tapes, learn=True, update=True)

    assert len(pk.Cassette.load(tapes / "menu.yaml").metadata["volatile"]) == 3
    assert told(pk.check(server.url, tapes)) == []
    restless.greeting = "Good day. Press 1."
    assert [difference.kind for difference in pk.check(server.url, tapes).differences] == ["heard", "answer"]


def test_a_rule_in_a_cassette_that_is_none_names_the_file(server: Server, tapes: Path) -> None:
    """It was written by hand."""
    tape = tapes / "menu.yaml"
    tape.write_text(tape.read_text().replace("    result:\n", '    volatile: ["text"]\n    result:\n'))

    (error,) = pk.check(server.url, tape).errors

    assert error.startswith(f"{tape}: metadata.pivotkit.volatile: 'text' can't be ignored")


# ── recording again ─────────────────────────────────────────────────────────────────────────────


def test_update_records_again_what_is_different(shop: Shop, server: Server, tapes: Path) -> None:
    """And only that; the new recording is the call that was compared, and a whole test case again."""
    untouched = (tapes / "twiml.yaml").read_bytes()
    shop.balance = "You owe nothing."

    check = pk.check(server.url, tapes, update=True)

    assert told(check) != []
    assert (tapes / "twiml.yaml").read_bytes() == untouched
    assert pk.replay(tapes / "menu.yaml").heard[-1] == "You owe nothing."
    assert told(pk.check(server.url, tapes)) == []


def test_update_keeps_what_the_cassette_says_beside_the_call(shop: Shop, server: Server, tmp_path: Path) -> None:
    """The expectation, what was learned, and what others wrote there."""
    tape = tmp_path / "menu.yaml"
    with pk.PivotExecutor(f"{server.url}/menu") as pivot:
        pivot.call(press=["1"], cassette=tape, expect=pk.Expect(ok=True))
    extra = '    volatile: ["/data/x"]\n    reviewed_by: "ann"\n'
    tape.write_text(tape.read_text().replace("    result:\n", f"{extra}    result:\n"))
    shop.balance = "You owe nothing."

    pk.check(server.url, tape, update=True)

    kept = pk.Cassette.load(tape).metadata
    assert (kept["expect"], kept["volatile"], kept["reviewed_by"]) == ({"ok": True}, ["/data/x"], "ann")
    assert kept["result"]["heard"][-1] == "You owe nothing."


def test_a_recording_without_times_stays_without_them(shop: Shop, server: Server, tmp_path: Path) -> None:
    """What --stable left out is left out again."""
    tape = tmp_path / "menu.yaml"
    with pk.PivotExecutor(f"{server.url}/menu", stable=True) as pivot:
        pivot.call(press=["1"], cassette=tape)
    shop.balance = "You owe nothing."

    pk.check(server.url, tape, update=True)

    assert "You owe nothing." in tape.read_text()
    assert "timings_ms" not in tape.read_text()


def test_a_server_that_is_not_there_is_not_recorded(tapes: Path) -> None:
    """No request got through: nothing was compared, and nothing is kept of it."""
    before = {file: file.read_bytes() for file in tapes.iterdir()}
    with refused_port() as port:
        check = pk.check(f"http://127.0.0.1:{port}", tapes, update=True)

    assert check.unreached
    assert not check
    assert {file: file.read_bytes() for file in tapes.iterdir()} == before


def test_a_recorded_refusal_is_a_recording_like_any_other(tmp_path: Path) -> None:
    """Nobody was there, and nobody is."""
    with refused_port() as port:
        with pk.PivotExecutor(f"http://127.0.0.1:{port}/") as pivot:
            pivot.call(cassette=tmp_path / "tape.yaml")
        check = pk.check(f"http://127.0.0.1:{port}", tmp_path)

    assert check
    assert not check.unreached


# ── secrets, damage, and many at once ───────────────────────────────────────────────────────────


def test_secrets_come_from_the_environment(
    shop: Shop, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cassette has placeholders; the server gets the real digits, and the new recording none."""
    tape = tmp_path / "pin.yaml"
    menu = shop._menu(server.url)
    menu["children"]["_"]["data"]["max_digits"] = 4
    shop._menu = lambda origin: menu
    with pk.PivotExecutor(f"{server.url}/menu", secrets={"pin": "4321"}) as pivot:
        pivot.call(press=["4321"], cassette=tape)
    shop.asked.clear()

    (error,) = pk.check(server.url, tape).errors
    assert "set PIVOTKIT_SECRET_PIN to its value" in error

    monkeypatch.setenv("PIVOTKIT_SECRET_PIN", "4321")
    assert told(pk.check(server.url, tape)) == []
    assert shop.asked[-1][1]["Digits[default]"] == ["4321"]

    shop.balance = "You owe nothing, 4321."
    pk.check(server.url, tape, update=True)
    assert "4321" not in tape.read_text()
    assert told(pk.check(server.url, tape)) == []

    monkeypatch.setenv("PIVOTKIT_SECRET_PIN", "54321")
    (error,) = pk.check(server.url, tape).errors
    assert "not of the kind or length" in error


def test_a_file_that_is_no_test_case_is_an_error_among_the_others(server: Server, tapes: Path) -> None:
    """Damaged ones, and recordings of stock vcrpy, which don't know their caller."""
    (tapes / "cut.yaml").write_text((tapes / "menu.yaml").read_text()[:400])
    (tapes / "foreign.yaml").write_text("interactions: []\nversion: 1\n")

    check = pk.check(server.url, tapes)

    assert [checked.path.name for checked in check if checked.error] == ["cut.yaml", "foreign.yaml"]
    assert len(check) == 4
    assert not check


def test_many_at_once_give_the_same(shop: Shop, server: Server, tapes: Path) -> None:
    """In the order of the cassettes, each with its own."""
    shop.greeting = "Hi."
    for number in range(6):
        (tapes / f"menu-{number}.yaml").write_bytes((tapes / "menu.yaml").read_bytes())
    over: list[int] = []

    one = pk.check(server.url, tapes)
    many = pk.check(server.url, tapes, workers=4, progress=lambda number, _: over.append(number))

    assert [(each.path, each.differences) for each in many] == [(each.path, each.differences) for each in one]
    assert over == list(range(1, 9))


def test_the_server_may_come_up_late(shop: Shop, tapes: Path) -> None:
    """Any answer in HTTP will do, also one that has no route for ``HEAD /``."""
    opened = threading.Event()

    def doorman(request: Received) -> bytes:
        if not opened.is_set():
            raise OSError("not yet: the connection breaks, as behind a proxy whose server is starting")
        return answer(b"", None, status=405) if request.method == "HEAD" else shop.over_socket(request)

    with http_server(doorman) as server:
        threading.Timer(0.3, opened.set).start()
        check = pk.check(server.url, tapes, wait_s=10)

    assert told(check) == []
    assert server.requests[0].method == "HEAD"


def test_waiting_has_an_end(tapes: Path) -> None:
    """Then the calls are made all the same, and say that nobody is there."""
    with refused_port() as port:
        assert pk.check(f"http://127.0.0.1:{port}", tapes, wait_s=0.3).unreached


def test_a_check_says_it_all_as_text_and_as_json(shop: Shop, server: Server, tapes: Path) -> None:
    """For a notebook, and for a machine."""
    shop.balance = "You owe nothing."
    check = pk.check(server.url, tapes)

    text = str(check)

    assert "DIFFERS" in text
    assert text.splitlines()[-1] == f"2 calls checked against {server.url}: 1 as recorded, 1 differs"
    page = check._repr_html_()
    assert "<script" not in page
    assert "the callflow changed at /data/text" in page
    form = json.loads(json.dumps([checked.to_dict() for checked in check]))
    assert [each["status"] for each in form] == ["differs", "same"]
    assert form[0]["now"]["heard"][-1] == "You owe nothing."


def test_learning_tells_a_server_that_answers_by_turns(shop: Shop, server: Server, tapes: Path) -> None:
    """As recorded by luck is no success: no rule can name it, and neither of the two answers is recorded."""
    before = (tapes / "menu.yaml").read_bytes()
    statuses = itertools.cycle([200, 200, 500, 200])
    answered = shop.reply

    def reply(origin: str, path: str, fields: dict[str, list[str]]) -> tuple[int, str, str]:
        shop.status = next(statuses)
        return answered(origin, path, fields)

    shop.reply = reply

    check = pk.check(server.url, tapes / "menu.yaml", learn=True, update=True)

    assert told(check) == [
        "unstable: today's two calls differ in more than a rule can name: answer 1: GET /menu: status was 200, now 500"
    ]
    assert "unstable     today's two calls differ" in str(check)
    assert (tapes / "menu.yaml").read_bytes() == before


def test_learning_is_content_with_calls_that_stop_at_the_same_place(shop: Shop, server: Server, mailbox: Path) -> None:
    """The recorded caller is at a loss in both: that is told once, and nothing is unstable."""
    shop.status = 500

    kinds = [each.kind for each in pk.check(server.url, mailbox, learn=True).differences]

    assert kinds == ["outcome", "script", "answer"]


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ("/data/text", True),
        ("2:/data/text", True),
        ("3:/data/text", False),
        ("//Say", True),
        ("1://Say", True),
        ("2://Say", False),
        (r"/\d+ euros/", True),
        (r"1:/\d+ euros/", False),
        (r"/^Digits\[default\]=1$/", True),
        (r"/balance$/", True),
        (r"/\{server\}.bal/", True),
        ("/data/txt", False),
        ("/Welcome!/", False),
    ],
)
def test_a_rule_that_fits_nothing_is_named(server: Server, tapes: Path, rule: str, fits: bool) -> None:
    """A slip in it would else go unnoticed; it fits what it would hide, whether or not that is the same today."""
    check = pk.check(server.url, tapes, ignore=[rule])

    assert check.idle == (() if fits else (rule,))
    assert (f"the rule {rule} fits nothing in these calls" in str(check)) is not fits


def test_a_rule_may_fit_today_what_was_not_recorded(shop: Shop, server: Server, tapes: Path) -> None:
    """Or the other way round."""
    shop.greeting = "Good day. Press 1."

    assert pk.check(server.url, tapes, ignore=["/Good day/"]).idle == ()
    assert pk.check(server.url, tapes, ignore=["/Welcome/"]).idle == ()
