"""A voice_url server: a menu, opening hours, an agent."""

from typing import Any

from flask import Flask, Response, jsonify, request, url_for

app = Flask(__name__)


def say(text: str, then: dict[str, Any] | None = None) -> dict[str, Any]:
    """A prompt, and what comes after it."""
    return {"module": "tts", "data": {"text": text}, "children": {"_": then} if then else {}}


@app.get("/ivr")
def ivr() -> Response:
    """The menu. Kazoo asks `choice` what comes next."""
    choice = {"voice_url": url_for("choice", _external=True), "method": "get", "req_format": "kazoo"}
    sorry = say("We can't help you just now. Please call again later.")
    pivot = {"module": "pivot", "data": choice, "children": {"_": sorry}}
    collect = {
        "module": "collect_dtmf",
        "data": {"max_digits": 1, "collection_name": "choice"},
        "children": {"_": pivot},
    }
    return jsonify(say("Welcome to Quillon Energy. For our opening hours, press 1. For an agent, press 2.", collect))


@app.get("/choice")
def choice() -> Response | tuple[Response, int]:
    """What the caller chose."""
    key = request.args.get("Digits[choice]")
    if key == "1":
        return jsonify(say("We are open from nine to five."))
    if key == "2":
        busy = say("All our agents are busy. Please call again later.")
        nobody = say("Nobody answers. Please call again later.")
        agent = {"module": "user", "data": {"id": "agent", "timeout": 15}, "children": {"USER_BUSY": busy, "_": nobody}}
        return jsonify(agent)
    return jsonify({"error": "there is no such choice"}), 404
