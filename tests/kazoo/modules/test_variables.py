"""set_variable, set_variables and branch_variable."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say
from pivotkit.records.http import HttpResult

VIP = {"9": say("Very important."), "_": say("Hold on.")}


@pytest.mark.outcome("set_variable", "_")
@pytest.mark.parametrize(("variable", "value"), [("call_priority", "9"), ("group_id", "sales")])
def test_set_variable_stores_two_names(variable: str, value: str) -> None:
    """call_priority and group_id are stored on the channel."""
    told = play(node("set_variable", {"variable": variable, "value": value}, _=node("hangup")))

    assert told.branches == [("set_variable", "_"), ("hangup", None)]
    assert told.trace.actions[0].data == {variable: value}
    assert told.warnings == []


@pytest.mark.outcome("set_variable", "_")
@pytest.mark.parametrize("data", [{"variable": "mood", "value": "good"}, {"variable": "call_priority"}, {}])
def test_set_variable_ignores_the_rest(data: dict[str, Any]) -> None:
    """Another name, or no value: nothing is set, and the default child follows."""
    told = play(node("set_variable", data, _=node("branch_variable", {"variable": "mood"}, _=node("hangup"))))

    assert told.branches == [("set_variable", "_"), ("branch_variable", "_"), ("hangup", None)]
    assert told.did == ["hangup"]


@pytest.mark.outcome("set_variables", "_")
def test_set_variables_go_out_with_the_next_request() -> None:
    """They are merged into the call's application variables, which a pivot request carries."""
    pivot = node("pivot", {"voice_url": "http://ivr.example/"})
    flow = node(
        "set_variables",
        {"custom_application_vars": {"a": "1", "b": "2"}},
        _=node("set_variables", {"custom_application_vars": {"b": "3"}}, _=pivot),
    )
    told = play(flow, HttpResult.answer('{"module": "hangup", "data": {}}'))

    assert told.branches[:2] == [("set_variables", "_"), ("set_variables", "_")]
    assert {"Custom-Application-Vars[a]=1", "Custom-Application-Vars[b]=3"} <= set(told.requests[0].url.split("&"))


def test_application_variables_are_no_channel_variables() -> None:
    """branch_variable doesn't see them."""
    flow = node(
        "set_variables",
        {"custom_application_vars": {"vip": "9"}},
        _=node("branch_variable", {"variable": "vip"}, **VIP),
    )

    assert play(flow).heard == ["Hold on."]


def branch(
    variable: Any, children: Any = None, scope: str | None = None, profile: str = "docs", **account: Any
) -> Told:
    """A branch on a variable of this account."""
    data = {"variable": variable} | ({"scope": scope} if scope else {}) | account.pop("data", {})
    return play(node("branch_variable", data, **(children or VIP)), account=pk.Account(**account), profile=profile)


@pytest.mark.outcome("branch_variable", "{value}")
def test_the_value_is_a_childs_key() -> None:
    """As set by set_variable; the name may be written as in the channel."""
    flow = node(
        "set_variable",
        {"variable": "call_priority", "value": "9"},
        _=node("branch_variable", {"variable": "Call-Priority"}, **VIP),
    )
    told = play(flow)

    assert told.branches[1] == ("branch_variable", "9")
    assert told.steps[1].reason == "call_priority=9"
    assert told.heard == ["Very important."]


@pytest.mark.outcome("branch_variable", "{value}")
@pytest.mark.parametrize(
    ("value", "key"), [(5, "5"), (True, "true"), (False, "false"), ("vip", "vip"), (1.5, "1.5")], ids=str
)
def test_values_are_compared_as_text(value: Any, key: str) -> None:
    """Numbers and booleans are written out."""
    told = branch("tier", {key: say("Yes."), "_": say("No.")}, "account", variables={"account": {"tier": value}})

    assert told.branches[0] == ("branch_variable", key)


@pytest.mark.outcome("branch_variable", "{value}")
def test_an_empty_child_is_taken_by_its_key() -> None:
    """The value only has to be among the keys: an empty child is run, and stops."""
    told = branch("tier", {"gold": {}, "_": say("No.")}, "account", variables={"account": {"tier": "gold"}})

    assert told.branches == [("branch_variable", "gold")]
    assert told.heard == []


@pytest.mark.outcome("branch_variable", "_")
@pytest.mark.parametrize("value", [None, "", "0", 0, "NULL", "undefined", "silver", "_", {"a": 1}, ["9"]], ids=repr)
def test_what_is_no_value(value: Any) -> None:
    """No value, an empty one, what Kazoo takes for none, or one without a child: the default child."""
    children = {key: say("No.") for key in ("", "0", "NULL", "undefined", "9")} | {"_": say("Default.")}
    told = branch("tier", children, "account", variables={"account": {"tier": value}})

    assert told.branches[0] == ("branch_variable", "_")
    assert told.heard == ["Default."]


@pytest.mark.parametrize("scope", ["account", "user", "device", "custom_channel_vars"])
def test_each_scope_is_read_by_itself(scope: str) -> None:
    """Only the scope that is asked for; channel variables are the default."""
    told = branch("tier", scope=scope, variables={scope: {"tier": "9"}})

    assert told.branches[0] == ("branch_variable", "9")
    others = {"account", "user", "device", "custom_channel_vars"} - {scope}
    assert branch("tier", scope=scope, variables={other: {"tier": "9"} for other in others}).heard == ["Hold on."]


def test_names_in_documents_are_as_they_are_written() -> None:
    """The wanted name is put into lower case with underscores; other names in a document are never found."""
    assert branch("VIP-Tier", scope="user", variables={"user": {"vip_tier": "9"}}).heard == ["Very important."]
    assert branch("VIP-Tier", scope="user", variables={"user": {"VIP-Tier": "9"}}).heard == ["Hold on."]


def test_merged_looks_at_the_nearest_and_then_at_the_channel() -> None:
    """The caller's endpoint comes first; without one, the channel variables aren't tried either."""
    near = {"device": {"tier": "9"}, "account": {"tier": "1"}}
    channel = {"custom_channel_vars": {"tier": "9"}}

    assert branch("tier", scope="merged", variables=near).heard == ["Very important."]
    assert branch("tier", scope="merged", variables=channel, owners=("ann",)).heard == ["Very important."]
    assert branch("tier", scope="merged", variables=channel).heard == ["Hold on."]


@pytest.mark.parametrize(
    ("profile", "heard"), [("docs", "Very important."), ("5.x", "Very important."), ("4.x", "Hold on.")]
)
@pytest.mark.parametrize("variable", ["sla.tier", ["sla", "tier"]])
def test_paths_are_new_in_5(profile: str, heard: str, variable: Any) -> None:
    """5.x takes a dotted path or a list; 4.x one name."""
    told = branch(variable, scope="account", profile=profile, variables={"account": {"sla": {"tier": "9"}}})

    assert told.heard == [heard]


@pytest.mark.parametrize(
    ("name", "doc_id", "heard"),
    [
        ("tier", "ann", "Very important."),
        ("hotdesk.id", "ann", "Very important."),
        ("tier", "", "Hold on."),
        ("tier", "bob", "Hold on."),
        ("pvt_tier", "ann", "Hold on."),
        ("_rev", "ann", "Hold on."),
    ],
)
def test_scope_doc_reads_a_document(name: str, doc_id: str, heard: str) -> None:
    """5.x: of a user, device, location or group by its id; private names are refused."""
    users = {"ann": {"tier": "9", "pvt_tier": "9", "_rev": "9", "hotdesk": {"id": "9"}}}
    data = {"id": doc_id} if doc_id else {}

    assert branch(name, scope="doc", users=users, data=data).heard == [heard]
    assert branch(name, scope="doc", users=users, data=data, profile="4.x").heard == ["Hold on."]


def test_a_document_may_be_told_by_its_variables_alone() -> None:
    """``Account.variables["doc"]`` by document id."""
    told = branch("tier", scope="doc", variables={"doc": {"d1": {"tier": "9"}}}, data={"id": "d1"})

    assert told.heard == ["Very important."]


def test_set_variables_without_any() -> None:
    """Nothing is set, and the default child follows."""
    told = play(node("set_variables", {}, _=node("hangup")))

    assert (told.branches[0], told.did) == (("set_variables", "_"), ["hangup"])
