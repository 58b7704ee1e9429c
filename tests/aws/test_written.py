"""Infrastructure code becomes an AWS answer with places, unknown values and words of its own."""

import math

from lbcheck.model import CheckKind, Declared, Origin, Pool, Route, Setting, Source, Span, Topology
from lbcheck.sources import aws
from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft

TEXT = "balancer\nlistener\nrule\ngroup\n path\n idle\n weight\n"
WORDS = {
    "HealthCheckPath": "health_check.path",
    "idle_timeout.timeout_seconds": "idle_timeout",
    "deregistration_delay.timeout_seconds": "deregistration_delay",
}


def span(word: str) -> Span:
    start = TEXT.index(word)
    return Span(SOURCE, start, start + len(word))


SOURCE = Source("main.code", "aws", TEXT)


def chain() -> Draft:
    """A load balancer, a listener, a rule and a group; nothing is set."""
    draft = Draft(SOURCE, WORDS)
    balancer = draft.add("LoadBalancers", span("balancer"))
    draft.put((*balancer, "LoadBalancerArn"), "lb.edge")
    draft.put((*balancer, "Type"), "application")
    draft.attributes("LoadBalancerAttributes", "lb.edge")
    listener = draft.add(("Listeners", "lb.edge"), span("listener"))
    draft.put((*listener, "ListenerArn"), "listener.web")
    draft.put((*listener, "Port"), "443")
    draft.put((*listener, "Protocol"), "HTTPS")
    rule = draft.add(("Rules", "listener.web"), span("rule"))
    draft.put((*rule, "Priority"), 10)
    condition = draft.add((*rule, "Conditions"))
    draft.put((*condition, "Field"), "path-pattern")
    draft.put((*condition, "Values"), ["/ws/*"])
    action = draft.add((*rule, "Actions"))
    draft.put((*action, "Type"), "forward")
    draft.put((*action, "TargetGroupArn"), "group.chat")
    group = draft.add("TargetGroups", span("group"))
    draft.put((*group, "TargetGroupArn"), "group.chat")
    draft.put((*group, "Protocol"), "HTTP")
    draft.attributes("TargetGroupAttributes", "group.chat")
    return draft


GROUP: Path = ("TargetGroups", 0)


def read(draft: Draft) -> Topology:
    SOURCE.troubles.clear()
    topology = aws.read([draft.finish()], Declared())
    assert SOURCE.troubles == []
    return topology


def pool(draft: Draft) -> Pool:
    return read(draft).pools[0]


def route(draft: Draft) -> Route:
    return read(draft).routes[0]


def test_a_value_stands_where_the_code_says_and_a_default_on_the_opening_line() -> None:
    draft = chain()
    draft.put((*GROUP, "HealthCheckPath"), "/healthz", span("path"))
    check = pool(draft).check
    assert check.path == Setting("health_check.path", "/healthz", Origin.SET, span("path"))
    assert check.fall == Setting("UnhealthyThresholdCount", 2, Origin.DEFAULT, span("group"))
    assert pool(draft).place == span("group")
    assert route(draft).place == span("rule")


def test_a_value_that_equals_the_default_was_written_by_somebody() -> None:
    draft = chain()
    key = "idle_timeout.timeout_seconds"
    draft.attribute("LoadBalancerAttributes", "lb.edge", key, 60, span("idle"))
    assert route(draft).idle == Setting("idle_timeout", 60.0, Origin.SET, span("idle"))


def test_what_is_not_written_has_the_default_of_aws_under_the_word_of_the_source() -> None:
    place = span("balancer")
    assert route(chain()).idle == Setting("idle_timeout", 60.0, Origin.DEFAULT, place)
    drain = Setting("deregistration_delay", 300.0, Origin.DEFAULT, span("group"))
    assert pool(chain()).drain_time == drain


def test_a_source_may_have_a_default_of_its_own() -> None:
    draft = chain()
    draft.default((*GROUP, "UnhealthyThresholdCount"), 3)
    fall = pool(draft).check.fall
    assert fall == Setting("UnhealthyThresholdCount", 3, Origin.DEFAULT, span("group"))


def test_an_unknown_value_is_never_the_default() -> None:
    draft = chain()
    for name in ("HealthCheckPath", "HealthCheckIntervalSeconds", "UnhealthyThresholdCount"):
        draft.put((*GROUP, name), UNKNOWN, span("path"))
    draft.put((*GROUP, "Matcher", "HttpCode"), UNKNOWN)
    draft.put((*GROUP, "ProtocolVersion"), UNKNOWN)
    check = pool(draft).check
    assert (check.path, check.interval, check.fall, check.accepts) == (None, None, None, None)
    assert route(draft).forwards[0].http_version is None


def test_an_unknown_attribute_is_never_the_default() -> None:
    for key in ("idle_timeout.timeout_seconds", None):
        draft = chain()
        draft.attribute("LoadBalancerAttributes", "lb.edge", key, UNKNOWN)
        assert route(draft).idle is None
    draft = chain()
    draft.attribute("TargetGroupAttributes", "group.chat", None, UNKNOWN)
    unknown = pool(draft)
    assert unknown.drain_time is None
    assert unknown.stickiness is not None
    assert unknown.stickiness.value == "unknown"


def test_an_attribute_that_is_known_is_in_force_beside_unknown_ones() -> None:
    draft = chain()
    key = "deregistration_delay.timeout_seconds"
    draft.attribute("TargetGroupAttributes", "group.chat", None, UNKNOWN)
    draft.attribute("TargetGroupAttributes", "group.chat", key, "0", span("path"))
    drain = Setting("deregistration_delay", 0.0, Origin.SET, span("path"))
    assert pool(draft).drain_time == drain


def test_a_group_of_an_unknown_protocol_has_no_default_that_depends_on_it() -> None:
    draft = chain()
    draft.put((*GROUP, "Protocol"), UNKNOWN)
    del draft.document["TargetGroups"][0]["Protocol"]
    unknown = pool(draft)
    assert unknown.drain_time is None
    assert unknown.check.kind is CheckKind.UNKNOWN


def test_a_check_that_may_be_off_is_unknown() -> None:
    draft = chain()
    draft.put((*GROUP, "HealthCheckEnabled"), UNKNOWN)
    assert pool(draft).check.kind is CheckKind.UNKNOWN


def test_a_number_that_is_none_is_unknown_and_leaves_the_rest_readable() -> None:
    draft = chain()
    draft.put((*GROUP, "HealthCheckIntervalSeconds"), "soon", span("path"))
    draft.put((*GROUP, "HealthCheckTimeoutSeconds"), "5", span("path"))
    check = pool(draft).check
    assert check.interval is None
    assert check.timeout is not None
    assert check.timeout.value == 5.0


def test_the_order_of_a_rule_without_a_known_priority_is_not_claimed() -> None:
    draft = chain()
    unordered = draft.add(("Rules", "listener.web"), span("rule"))
    draft.put((*unordered, "Priority"), UNKNOWN)
    condition = draft.add((*unordered, "Conditions"))
    draft.put((*condition, "Field"), "path-pattern")
    draft.put((*condition, "Values"), ["/ws/chat"])
    action = draft.add((*unordered, "Actions"))
    draft.put((*action, "TargetGroupArn"), "group.other")
    routes = read(draft).routes
    assert [(each.path, each.ineffective) for each in routes] == [("/ws/*", ()), ("/ws/chat", ())]


def test_a_rule_with_an_unknown_condition_takes_nothing_away() -> None:
    draft = Draft(SOURCE, {})
    draft.document = chain().document
    first = draft.add(("Rules", "listener.web"))
    draft.put((*first, "Priority"), 1)
    draft.add((*first, "Conditions"))
    draft.put((*draft.add((*first, "Actions")), "TargetGroupArn"), "group.other")
    assert [each.ineffective for each in read(draft).routes] == [(), ()]


def test_nothing_is_said_to_be_missing_and_no_target_is_claimed() -> None:
    group = pool(chain())
    assert (group.targets, group.complete) == ((), False)


def test_a_group_of_another_module_is_a_pool_of_which_nothing_is_known() -> None:
    draft = chain()
    draft.document["Rules"]["listener.web"][0]["Actions"][0]["TargetGroupArn"] = "var.group_arn"
    elsewhere = next(each for each in read(draft).pools if each.name == "var.group_arn")
    assert elsewhere.check.kind is CheckKind.UNKNOWN
    assert elsewhere.drain_time is None


def test_a_network_group_keeps_connections_unless_ending_them_is_known() -> None:
    draft = chain()
    draft.put((*GROUP, "Protocol"), "TCP")
    drain = pool(draft).drain_time
    assert drain is not None
    assert drain.value == math.inf
    key = "deregistration_delay.connection_termination.enabled"
    draft.attribute("TargetGroupAttributes", "group.chat", key, UNKNOWN)
    assert pool(draft).drain_time is None


def test_what_the_code_calls_a_thing_may_speak_of_websockets() -> None:
    draft = chain()
    del draft.document["Rules"]["listener.web"][0]["Conditions"]
    for arn in ("group.websocket", "group.pages"):
        draft.document["Rules"]["listener.web"][0]["Actions"][0]["TargetGroupArn"] = arn
        draft.document["TargetGroups"][0]["TargetGroupArn"] = arn
        believed = read(draft).routes[0].belief.level.name
        assert believed == ("LIKELY" if arn == "group.websocket" else "POSSIBLE")
