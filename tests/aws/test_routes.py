"""Listener rules as routes: order, belief, redirects, weights, idle time."""

from __future__ import annotations

import json

from lbcheck.model import Effect, Level, RedirectKind
from lbcheck.run import Options, run
from tests.aws import answers
from tests.aws.answers import condition, document, forward, group, read, redirect, rule

GROUPS = [group("sockets"), group("pages")]


def test_a_rule_is_a_route_with_its_place_and_address() -> None:
    topology = read(document(rule(10, forward("sockets"), "/ws", "/ws/*"), groups=GROUPS))
    route = answers.route(topology, "/ws")
    assert route.address == "aws/edge/443/rule[10 /ws]"
    assert answers.text(route.place) == '"Priority": "10"'
    assert [edge.pool.address for edge in route.forwards] == ["aws/target-group[sockets]"]
    assert [listener.address for listener in topology.listeners] == ["aws/edge/443"]
    assert topology.listeners[0].tls


def test_the_alternatives_of_one_condition_are_one_matcher() -> None:
    two = condition("path-pattern", "/ws", "/ws/*")
    topology = read(document(rule(10, forward("sockets"), two), groups=GROUPS))
    assert topology.routes[0].path == "/ws /ws/*"


def test_without_a_default_rule_the_listeners_own_action_is_the_default() -> None:
    listeners = {
        answers.BALANCER: [
            {
                "ListenerArn": answers.LISTENER,
                "Port": 443,
                "Protocol": "HTTPS",
                "DefaultActions": forward("pages"),
            }
        ]
    }
    topology = read(document(groups=GROUPS, Listeners=listeners))
    assert [(route.path, route.covers_all) for route in topology.routes] == [("default", True)]
    assert [pool.name for pool in topology.pools] == ["pages"]


def test_a_group_that_no_rule_reaches_is_left_out() -> None:
    topology = read(document(rule("default", forward("pages")), groups=GROUPS))
    assert [pool.name for pool in topology.pools] == ["pages"]


def test_weights_are_shares_and_keep_their_place() -> None:
    topology = read(document(rule("default", forward(sockets=80, pages=0)), groups=GROUPS))
    edges = topology.routes[0].forwards
    weights = [edge.weight for edge in edges]
    assert [answers.said(weight) for weight in weights] == [
        ("Weight", 80, "set"),
        ("Weight", 0, "set"),
    ]
    assert weights[1] is not None
    assert answers.text(weights[1].place) == '"Weight": 0'


def test_the_protocol_version_is_that_of_the_group() -> None:
    groups = [group("sockets", ProtocolVersion="HTTP2"), group("pages")]
    topology = read(
        document(
            rule(1, forward("sockets"), "/ws"), rule("default", forward("pages")), groups=groups
        )
    )
    versions = [answers.said(r.forwards[0].http_version) for r in topology.routes]
    assert versions == [("ProtocolVersion", "2", "set"), ("ProtocolVersion", "1.1", "default")]


def test_a_declared_path_makes_its_rule_certain_and_no_other() -> None:
    value = document(
        rule(1, forward("sockets"), "/live/*"), rule("default", forward("pages")), groups=GROUPS
    )
    topology = read(value, "/live")
    assert [(r.path, r.belief.level) for r in topology.routes] == [
        ("/live/*", Level.CERTAIN),
        ("default", Level.POSSIBLE),
    ]


def test_a_declared_path_that_no_rule_names_goes_to_the_default() -> None:
    topology = read(document(rule("default", forward("pages")), groups=GROUPS), "/live")
    assert topology.routes[0].belief.level is Level.CERTAIN
    assert topology.routes[0].belief.evidence == (
        "the profile declares `/live`, and everything passes here"
    )


def test_a_wider_rule_does_not_carry_a_path_that_an_earlier_rule_takes() -> None:
    value = document(
        rule(1, forward("sockets"), condition("path-pattern", "/api/ws", "/api/ws/*")),
        rule(2, forward("pages"), "/api/*"),
        groups=GROUPS,
    )
    topology = read(value, "/api/ws")
    assert [r.belief.level for r in topology.routes] == [Level.CERTAIN, Level.POSSIBLE]


def test_path_patterns_are_case_sensitive() -> None:
    topology = read(document(rule(1, forward("sockets"), "/LIVE/*"), groups=GROUPS), "/live")
    assert topology.routes[0].belief.level is Level.POSSIBLE


def test_an_upgrade_condition_is_certain_and_leaves_nothing_to_later_rules() -> None:
    value = document(
        rule(1, forward("sockets"), condition("", "WebSocket", header="upgrade")),
        rule(2, forward("pages"), "/ws/*"),
        rule("default", forward("pages")),
        groups=GROUPS,
    )
    topology = read(value)
    assert [(r.path, r.belief.level) for r in topology.routes] == [("Upgrade", Level.CERTAIN)]


def test_a_rule_for_another_method_than_get_carries_no_handshake() -> None:
    post = condition("http-request-method", "POST")
    value = document(
        rule(1, forward("pages"), "/ws/*", post),
        rule(2, forward("sockets"), "/ws/*"),
        groups=GROUPS,
    )
    topology = read(value)
    assert [(r.address, r.ineffective) for r in topology.routes] == [
        ("aws/edge/443/rule[2 /ws/*]", ())
    ]


def test_tags_overrule_names() -> None:
    value = document(
        rule(1, forward("sockets"), "/ws/*"),
        rule("default", forward("pages")),
        groups=GROUPS,
        Tags={
            answers.arn("sockets"): [{"Key": "lbcheck:websocket", "Value": "false"}],
            answers.arn("pages"): [{"Key": "lbcheck:websocket", "Value": "true"}],
        },
    )
    topology = read(value)
    assert [(r.path, r.belief.evidence) for r in topology.routes] == [
        ("default", "tag `lbcheck:websocket=true`")
    ]


def test_a_load_balancers_name_speaks_for_its_catch_all_only() -> None:
    balancers = [
        {"LoadBalancerArn": answers.BALANCER, "LoadBalancerName": "edge-ws", "Type": "application"}
    ]
    value = document(
        rule(1, forward("pages"), "/static/*"),
        rule("default", forward("sockets")),
        groups=GROUPS,
        LoadBalancers=balancers,
    )
    assert [(r.path, r.belief.level) for r in read(value).routes] == [
        ("/static/*", Level.POSSIBLE),
        ("default", Level.LIKELY),
    ]


def test_an_earlier_superset_shadows_a_websocket_rule() -> None:
    value = document(
        rule(1, forward("pages"), "/w*"), rule(2, forward("sockets"), "/ws/*"), groups=GROUPS
    )
    route = read(value).routes[1]
    assert [(i.effect, i.setting.name, i.reason) for i in route.ineffective] == [
        (Effect.SHADOWED, "/ws/*", "rule 1 (`/w*`) is tried first and takes its requests")
    ]
    assert (route.forwards, route.idle) == ((), None)


def test_what_is_not_provably_a_superset_shadows_nothing() -> None:
    for earlier in (
        rule(1, forward("pages"), "/w*", condition("host-header", "a.example")),
        rule(1, forward("pages"), "/w*", condition("", "x", header="X-Beta")),
        rule(1, forward("pages"), "/ws/a*"),
        rule(1, forward("sockets"), "/w*"),
    ):
        route = read(document(earlier, rule(2, forward("sockets"), "/ws/*"), groups=GROUPS)).routes[
            -1
        ]
        assert route.ineffective == ()
        assert len(route.forwards) == 1


def test_a_redirect_of_the_websocket_path_is_recorded() -> None:
    value = document(rule(1, redirect(Host="new.example"), "/ws/*"), groups=GROUPS)
    route = answers.route(read(value), "/ws/*")
    assert route.redirect is not None
    assert (route.redirect.kind, answers.said(route.redirect.status)) == (
        RedirectKind.OTHER,
        ("StatusCode", 301, "set"),
    )


def test_plain_http_with_an_https_twin_is_healthy() -> None:
    listeners = {
        answers.BALANCER: [
            {"ListenerArn": answers.PLAIN, "Port": 80, "Protocol": "HTTP"},
            {"ListenerArn": answers.LISTENER, "Port": 443, "Protocol": "HTTPS"},
        ]
    }
    rules = {
        answers.PLAIN: [rule("default", redirect())],
        answers.LISTENER: [rule("default", forward("sockets"))],
    }
    value = document(groups=GROUPS, Listeners=listeners, Rules=rules)
    assert [r.address for r in read(value, "/").routes] == ["aws/edge/443/rule[default]"]
    rules[answers.LISTENER] = []
    broken = read(document(groups=GROUPS, Listeners=listeners, Rules=rules), "/ws")
    assert [r.redirect and r.redirect.kind for r in broken.routes if r.redirect] == []


def test_plain_http_that_is_sent_to_a_port_nobody_serves_is_recorded() -> None:
    listeners = {
        answers.BALANCER: [{"ListenerArn": answers.LISTENER, "Port": 80, "Protocol": "HTTP"}]
    }
    value = document(rule(1, redirect(), "/ws/*"), groups=GROUPS, Listeners=listeners)
    route = answers.route(read(value), "/ws/*")
    assert route.redirect is not None
    assert route.redirect.kind is RedirectKind.SCHEME


def test_an_idle_timeout_that_equals_the_default_counts_as_default() -> None:
    for seconds, origin in (("60", "default"), ("61", "set")):
        attribute = {"Key": "idle_timeout.timeout_seconds", "Value": seconds}
        value = document(
            rule("default", forward("pages")),
            groups=GROUPS,
            LoadBalancerAttributes={answers.BALANCER: [attribute]},
        )
        idle = read(value).routes[0].idle
        assert answers.said(idle) == ("idle_timeout.timeout_seconds", float(seconds), origin)
        assert idle is not None
        assert answers.text(idle.place).startswith('"Key": "idle_timeout.timeout_seconds"')


def test_attributes_that_were_not_read_are_unknown_and_said_for_websockets_only() -> None:
    value = document(rule(1, forward("sockets"), "/ws"), groups=GROUPS, LoadBalancerAttributes={})
    topology = read(value)
    assert topology.routes[0].idle is None
    assert answers.troubles(topology) == ["`LoadBalancerAttributes` of `edge` is not in the answer"]
    value = document(rule("default", forward("pages")), groups=GROUPS, LoadBalancerAttributes={})
    assert answers.troubles(read(value)) == []


def test_a_network_load_balancer_has_its_idle_timeout_on_the_listener() -> None:
    network = [
        {"LoadBalancerArn": answers.BALANCER, "LoadBalancerName": "relay", "Type": "network"}
    ]
    listener = {
        "ListenerArn": answers.LISTENER,
        "Port": 443,
        "Protocol": "TCP",
        "DefaultActions": forward("relay-ws"),
    }
    value = document(
        groups=[group("relay-ws", Protocol="TCP")],
        LoadBalancers=network,
        Listeners={answers.BALANCER: [listener]},
        ListenerAttributes={answers.LISTENER: []},
        Rules={},
    )
    topology = read(value)
    assert answers.said(topology.routes[0].idle) == ("tcp.idle_timeout.seconds", 350.0, "default")
    assert topology.routes[0].belief.level is Level.LIKELY
    assert topology.pools[0].mode == "tcp"
    assert answers.troubles(topology) == []


def test_answers_that_were_saved_one_by_one_are_one_snapshot() -> None:
    balancer = {"LoadBalancerArn": answers.BALANCER, "LoadBalancerName": "edge", "Type": "network"}
    listener = {
        "ListenerArn": answers.LISTENER,
        "LoadBalancerArn": answers.BALANCER,
        "Port": 8443,
        "Protocol": "TCP",
    }
    topology = answers.read_all(
        {
            "load-balancers.json": {"LoadBalancers": [balancer]},
            "listeners.json": {"Listeners": [listener]},
            "listener-attributes.json": {
                "Attributes": [{"Key": "tcp.idle_timeout.seconds", "Value": "400"}]
            },
        },
        "/",
    )
    idle = topology.routes[0].idle
    assert answers.said(idle) == ("tcp.idle_timeout.seconds", 400.0, "set")
    assert idle is not None
    assert idle.place.source.name == "listener-attributes.json"
    assert answers.troubles(topology) == []


def test_an_answer_that_does_not_say_whose_it_is_is_not_guessed() -> None:
    topology = answers.read_all(
        {
            "groups.json": {"TargetGroups": [group("a"), group("b")]},
            "attributes.json": {
                "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
            },
        }
    )
    assert [pool.drain_time for pool in topology.pools] == [None, None]
    assert "`Attributes` does not say which of 2 resources it belongs to" in answers.troubles(
        topology
    )


def test_a_second_answer_for_the_only_group_is_not_dropped_in_silence() -> None:
    health = {"TargetHealthDescriptions": [answers.target("10.0.0.1", "draining")]}
    files = {"groups.json": {"TargetGroups": [group("a")]}, "x.json": health, "y.json": health}
    said = answers.troubles(answers.read_all(files))
    assert (
        "`TargetHealthDescriptions` does not say whose it is, and the only resource of its kind"
        " has one already"
    ) in said


def test_target_health_saved_alone_is_a_group_of_its_own() -> None:
    health = {"TargetHealthDescriptions": [answers.target("10.0.0.1", "draining")]}
    topology = answers.read_all({"chat-ws.json": health, "pages.json": health})
    assert [(pool.name, len(pool.targets)) for pool in topology.pools] == [
        ("chat-ws", 1),
        ("pages", 1),
    ]


def test_a_file_named_after_a_group_belongs_to_it() -> None:
    topology = answers.read_all(
        {
            "groups.json": {"TargetGroups": [group("alpha"), group("beta")]},
            "health-beta.json": {
                "TargetHealthDescriptions": [answers.target("10.0.0.1", "draining")]
            },
        }
    )
    assert [len(pool.targets) for pool in topology.pools] == [0, 1]


def test_a_classic_load_balancer_drops_upgrades_on_http_listeners_only() -> None:
    def listener(protocol: str, port: int) -> dict[str, object]:
        return {"Listener": {"LoadBalancerPort": port, "Protocol": protocol, "InstancePort": 3000}}

    classic = {
        "LoadBalancerName": "socketio-edge",
        "ListenerDescriptions": [listener("HTTPS", 443), listener("SSL", 8443)],
    }
    topology = read({"LoadBalancerDescriptions": [classic]})
    reasons = [pool.incapable and pool.incapable.value for pool in topology.pools]
    assert reasons == ["a classic load balancer's HTTPS listener drops the upgrade", None]


def test_a_finding_about_a_group_names_the_rules_that_lead_to_it() -> None:
    report = run([], Options(stdin=("state.json", json.dumps(LOOSE_MATCHER)), kind="aws"))
    [finding] = [found for found in report.findings if found.code == "LB207"]
    assert [note.message for note in finding.related] == [
        "WebSockets come here by `aws/edge/443/rule[10 /ws/*]`"
    ]


LOOSE_MATCHER = answers.document(
    rule(10, forward("chat"), condition("path-pattern", "/ws/*")),
    groups=[group("chat", Matcher={"HttpCode": "200-499"}, HealthCheckPath="/healthz")],
)
