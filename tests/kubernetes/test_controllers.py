"""Each controller's settings, in force as the controller has them, judged by its proxy's rules."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.reporters.summary import coverage
from tests.kubernetes.manifests import (
    ALB,
    ALB_LONG,
    HAPROXY,
    INC,
    LONG,
    NGINX,
    TECH,
    ingress,
    plain,
    report,
    told,
)

PINGS = "heartbeat: {sender: server, interval_s: 25}\n"
STICKY = "stickiness: {need: required}\n"
SECURE = {f"{ALB}certificate-arn": "arn:aws:acm:eu-west-1:111122223333:certificate/1"}
OTHERWISE = f"{ALB}auth-on-unauthenticated-request"
EVERYTHING = "websocket: {paths: [/]}\n"


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({}, [("LB302", 6)]),
        (LONG, []),
        ({f"{NGINX}proxy-send-timeout": '"3600"'}, [("LB306", 8)]),
        ({f"{NGINX}proxy-connect-timeout": '"3600"'}, [("LB306", 8)]),
        ({f"{NGINX}proxy-read-timeout": '"3600s"'}, [("LB306", 8)]),
        ({f"{NGINX}proxy-read-timeout": '"0"'}, [("LB305", 8)]),
        ({f"{NGINX}proxy-read-timeout": '"15"'}, [("LB301", 8)]),
        ({f"{NGINX}proxy-read-timeout": "$READ_TIMEOUT"}, []),
        ({**LONG, f"{NGINX}proxy-http-version": '"1.0"'}, [("LB103", 9)]),
        ({**LONG, f"{NGINX}proxy-http-version": '"1.1"'}, []),
        ({**LONG, f"{NGINX}connection-proxy-header": "keep-alive"}, [("LB102", 9)]),
        ({**LONG, f"{NGINX}connection-proxy-header": "upgrade"}, []),
        ({**LONG, f"{NGINX}backend-protocol": "GRPC"}, [("LB104", 9)]),
        ({**LONG, f"{NGINX}backend-protocol": "HTTPS"}, []),
        ({**LONG, f"{NGINX}permanent-redirect": "https://new.example"}, [("LB108", 9)]),
        ({**LONG, f"{NGINX}ssl-redirect": '"true"'}, []),
        ({**LONG, f"{NGINX}upstream-vhost": "other.example"}, [("LB114", 9)]),
        ({**LONG, f"{NGINX}websocket-services": "app"}, []),
        ({f"{NGINX}ssl-passthrough": '"true"'}, []),
        ({**LONG, f"{NGINX}limit-connections": '"1"'}, [("LB505", 9)]),
        ({**LONG, f"{NGINX}limit-connections": '"200"'}, []),
        ({**LONG, f"{NGINX}limit-connections": '"0"'}, []),
    ],
)
def test_ingress_nginx(
    annotations: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(ingress(annotations=annotations), tmp_path) == expected


def _snippet(*headers: str) -> dict[str, str]:
    lines = "".join(f"\n      proxy_set_header {header};" for header in headers)
    return {f"{INC}proxy-read-timeout": "1h", f"{INC}location-snippets": f"|{lines}"}


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({f"{INC}proxy-read-timeout": "1h"}, [("LB101", 6)]),
        ({f"{INC}proxy-read-timeout": "1h", f"{INC}websocket-services": "app"}, []),
        ({f"{INC}proxy-read-timeout": "1h", f"{INC}websocket-services": '"a, app"'}, []),
        ({f"{INC}proxy-read-timeout": "1h", f"{INC}websocket-services": "apps"}, [("LB101", 9)]),
        ({f"{INC}proxy-read-timeout": "1h", f"{INC}websocket-services": "${LIST}"}, []),
        ({f"{INC}websocket-services": "app"}, [("LB302", 6)]),
        (_snippet("Upgrade $http_upgrade", 'Connection "upgrade"'), []),
        (_snippet("Upgrade $http_upgrade"), [("LB102", 10)]),
        (_snippet("Upgrade $http_upgrade", "Connection keep-alive"), [("LB102", 11)]),
        (_snippet("X-Edge yes"), [("LB101", 6)]),
        ({f"{INC}proxy-read-timeout": "1h", f"{INC}proxy-set-headers": "'Upgrade: a'"}, []),
    ],
)
def test_the_controller_of_nginx_inc(
    annotations: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(ingress(annotations=annotations), tmp_path) == expected


def test_a_list_that_names_no_service_of_the_ingress_is_for_one_of_them(
    tmp_path: pathlib.Path,
) -> None:
    text = plain({f"{INC}websocket-services": "apps", f"{INC}proxy-read-timeout": "1h"})
    assert told(text, tmp_path) == [("LB101", 8)]


def test_a_minion_has_the_timeouts_of_its_master(tmp_path: pathlib.Path) -> None:
    kind = f"{INC}mergeable-ingress-type"
    minion = ingress(annotations={kind: "minion", f"{INC}websocket-services": "app"})
    master = ingress("edge", {kind: "master", f"{INC}proxy-read-timeout": "1h"})
    without_paths = master[: master.index("      http:")]
    assert told(f"{minion}---\n{without_paths}", tmp_path) == []
    elsewhere = without_paths.replace("app.example\n", "other.example\n")
    assert elsewhere != without_paths
    assert told(f"{minion}---\n{elsewhere}", tmp_path) == []
    alone = minion.replace("mergeable-ingress-type: minion", "keepalive: '8'")
    assert told(alone, tmp_path) == [("LB302", 6)]


def test_the_master_drops_what_belongs_to_its_minions(tmp_path: pathlib.Path) -> None:
    annotations = {f"{INC}mergeable-ingress-type": "master", f"{INC}websocket-services": "app"}
    text = ingress("edge", annotations)
    assert told(text[: text.index("      http:")], tmp_path) == [("LB101", 9)]


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({}, []),
        ({f"{HAPROXY}timeout-tunnel": "20s"}, [("LB301", 8)]),
        ({f"{HAPROXY}timeout-tunnel": '"3600"'}, [("LB304", 8)]),
        ({f"{HAPROXY}timeout-tunnel": "2h"}, []),
        ({f"{HAPROXY}config-backend": "timeout tunnel 20s"}, [("LB301", 8)]),
        ({f"{HAPROXY}config-backend": "|\n      retries 1\n      timeout tunnel 1h"}, []),
        ({f"{TECH}backend-config-snippet": "timeout tunnel 3600"}, [("LB304", 8)]),
        ({"ingress.kubernetes.io/timeout-tunnel": "20s"}, [("LB301", 8)]),
        ({f"{HAPROXY}timeout-client": "24h"}, [("LB306", 8)]),
        ({f"{HAPROXY}timeout-client": "5m"}, []),
        ({f"{HAPROXY}health-check-uri": "/ws"}, [("LB205", 8)]),
        ({f"{HAPROXY}health-check-uri": "/healthz"}, []),
        ({f"{TECH}timeout-tunnel": "24h"}, [("LB306", 8)]),
        ({f"{TECH}timeout-tunnel": "1h"}, []),
        ({f"{TECH}timeout-server": "24h"}, []),
        ({f"{TECH}check-http": "/ws"}, [("LB205", 8)]),
    ],
)
def test_the_controllers_of_haproxy(
    annotations: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    text = ingress(annotations=annotations, ingress_class="haproxy")
    assert told(text, tmp_path, PINGS) == expected


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({}, [("LB302", 6), ("LB218", 13)]),
        (ALB_LONG, []),
        ({**ALB_LONG, f"{ALB}success-codes": '"101"'}, [("LB208", 10)]),
        ({**ALB_LONG, f"{ALB}success-codes": "200-499"}, [("LB207", 10)]),
        ({**ALB_LONG, f"{ALB}healthcheck-path": "/ws"}, [("LB205", 9)]),
        ({**ALB_LONG, f"{ALB}backend-protocol-version": "HTTP2"}, [("LB104", 10)]),
        (
            {**ALB_LONG, f"{ALB}target-group-attributes": "deregistration_delay.timeout_seconds=0"},
            [("LB412", 10)],
        ),
        ({f"{ALB}group.name": "shared", f"{ALB}healthcheck-path": "/healthz"}, []),
        ({**ALB_LONG, f"{ALB}healthcheck-interval-seconds": "$SECONDS"}, []),
        ({**ALB_LONG, f"{ALB}healthcheck-protocol": "TCP"}, [("LB204", 10), ("LB508", 10)]),
        ({**ALB_LONG, **SECURE, f"{ALB}auth-type": "oidc"}, [("LB118", 11)]),
        ({**ALB_LONG, **SECURE, f"{ALB}auth-type": "none"}, []),
        ({**ALB_LONG, **SECURE, f"{ALB}auth-type": "oidc", OTHERWISE: "deny"}, []),
        ({**ALB_LONG, f"{ALB}auth-type": "oidc"}, []),
    ],
)
def test_the_aws_load_balancer_controller(
    annotations: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(ingress(annotations=annotations, ingress_class="alb"), tmp_path) == expected


def test_an_attribute_stands_where_it_stands_in_the_list(tmp_path: pathlib.Path) -> None:
    listed = (
        ">-\n      routing.http2.enabled=true,\n      idle_timeout.timeout_seconds=20\n"
        "    alb.ingress.kubernetes.io/healthcheck-path: /healthz"
    )
    text = ingress(annotations={f"{ALB}load-balancer-attributes": listed}, ingress_class="alb")
    (finding,) = report(text, tmp_path, PINGS).findings
    assert (finding.code, finding.location.line, finding.location.column) == ("LB301", 10, 7)
    assert finding.message == (
        "`idle_timeout.timeout_seconds` cuts after 20s of silence; the next ping comes after 25s"
    )


def test_the_service_has_the_last_word_behind_an_alb(tmp_path: pathlib.Path) -> None:
    text = ingress(annotations=ALB_LONG, ingress_class="alb")
    own = (
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: app\n  annotations:\n"
        f"    {ALB}healthcheck-path: /ws\nspec:\n  ports: [{{port: 8080}}]\n"
    )
    assert told(text + own, tmp_path) == [("LB205", 28)]


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (LONG, [("LB501", 6)]),
        ({**LONG, f"{NGINX}affinity": "cookie"}, []),
        ({**LONG, f"{NGINX}affinity": '"true"'}, [("LB502", 9)]),
        ({**LONG, f"{NGINX}session-cookie-name": "pin"}, [("LB502", 9)]),
        ({**LONG, f"{NGINX}upstream-hash-by": "$remote_addr"}, []),
        ({**LONG, f"{NGINX}upstream-hash-by": "ip_hash"}, [("LB502", 9)]),
        (
            {**LONG, f"{NGINX}affinity": "cookie", f"{NGINX}service-upstream": '"true"'},
            [("LB502", 9)],
        ),
    ],
)
def test_what_keeps_a_client_at_its_pod(
    annotations: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(ingress(annotations=annotations), tmp_path, STICKY) == expected


def test_one_pod_needs_no_stickiness(tmp_path: pathlib.Path) -> None:
    pods = """\
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec:
  selector: {app: chat}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: chat, tier: web}
"""
    text = ingress(annotations=LONG) + pods
    assert told(text, tmp_path, STICKY) == []
    assert told(text.replace("replicas: 1", "replicas: 2"), tmp_path, STICKY) == [("LB501", 6)]


CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: ingress-nginx-controller
data:
  proxy-read-timeout: "20"
  worker-shutdown-timeout: "10s"
"""


def test_the_config_map_is_what_every_ingress_inherits(tmp_path: pathlib.Path) -> None:
    text = f"{CONFIG_MAP}---\n{ingress()}"
    assert told(text, tmp_path, PINGS) == [("LB301", 6), ("LB412", 7)]
    assert told(f"{CONFIG_MAP}---\n{ingress(annotations=LONG)}", tmp_path, PINGS) == [("LB412", 7)]


def test_a_config_map_by_itself_is_judged_where_the_profile_declares_paths(
    tmp_path: pathlib.Path,
) -> None:
    assert told(CONFIG_MAP, tmp_path) == []
    assert told(CONFIG_MAP, tmp_path, PINGS + EVERYTHING) == [("LB301", 6), ("LB412", 7)]


def test_two_config_maps_leave_open_which_one_is_in_force(tmp_path: pathlib.Path) -> None:
    other = CONFIG_MAP.replace("ingress-nginx-controller", "internal-ingress-nginx")
    text = f"{CONFIG_MAP}---\n{other}---\n{ingress(annotations=LONG)}"
    assert told(text, tmp_path, PINGS) == []


def test_two_ingresses_of_one_service_have_target_groups_of_their_own(
    tmp_path: pathlib.Path,
) -> None:
    well = ingress("a", ALB_LONG, ingress_class="alb")
    asked = {**ALB_LONG, f"{ALB}healthcheck-path": "/ws"}
    text = f"{well}---\n{ingress('b', asked, ingress_class='alb')}"
    assert told(text, tmp_path) == [("LB205", 31)]


def test_an_action_forwards_to_services_by_weight(tmp_path: pathlib.Path) -> None:
    action = (
        '\'{"type": "forward", "forwardConfig": {"targetGroups": ['
        '{"serviceName": "blue", "servicePort": "80", "weight": 90},'
        '{"serviceName": "green", "servicePort": "80", "weight": 10}]}}\''
    )
    annotations = {
        **ALB_LONG,
        f"{ALB}backend-protocol-version": "HTTP2",
        f"{ALB}actions.split": action,
    }
    text = ingress(annotations=annotations, ingress_class="alb", service="split")
    text = text.replace("number: 8080", "name: use-annotation")
    assert ("LB104", 10) in told(text, tmp_path)


def test_an_action_redirects_the_handshake(tmp_path: pathlib.Path) -> None:
    action = (
        '\'{"Type": "redirect", "RedirectConfig": {"Host": "new.example", "StatusCode":'
        ' "HTTP_301"}}\''
    )
    annotations = {**ALB_LONG, f"{ALB}actions.moved": action}
    text = ingress(annotations=annotations, ingress_class="alb", service="moved")
    text = text.replace("number: 8080", "name: use-annotation")
    assert told(text, tmp_path) == [("LB108", 10)]


def test_the_name_of_an_ingress_speaks_where_no_path_does(tmp_path: pathlib.Path) -> None:
    named = ingress("websocket-edge", path="/", service="api")
    assert told(named, tmp_path) == [("LB302", 6)]
    other = """\
          - path: /socket.io
            pathType: Prefix
            backend: {service: {name: io, port: {number: 80}}}
"""
    found = report(named.replace("path: /\n", "path: /api\n") + other, tmp_path)
    assert [finding.address for finding in found.findings] == [
        "ingress[websocket-edge]/host[app.example]/path[/socket.io]"
    ]


def test_a_cookie_of_an_alb_leads_to_nodes_unless_targets_are_pods(tmp_path: pathlib.Path) -> None:
    annotations = {**ALB_LONG, f"{ALB}target-group-attributes": "stickiness.enabled=true"}
    text = ingress(annotations=annotations, ingress_class="alb")
    assert told(text, tmp_path) == []
    assert told(text, tmp_path, STICKY) == [("LB502", 10)]
    pods = {**annotations, f"{ALB}target-type": "ip"}
    assert told(ingress(annotations=pods, ingress_class="alb"), tmp_path, STICKY) == []


PODS = """\
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: chat}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
spec:
  replicas: 3
  strategy: {type: RollingUpdate}
  template:
    metadata: {labels: {app: chat}}
    spec:
      terminationGracePeriodSeconds: 60
      containers: [{name: chat}]
"""
HOOK = "{name: chat, lifecycle: {preStop: {exec: {command: [sh, -c, sleep 20]}}}}"


@pytest.mark.parametrize(
    ("old", "new", "needed", "expected"),
    [
        ("", "", 50, []),
        ("", "", 90, [("LB421", 37)]),
        ("{name: chat}]", f"{HOOK}]", 50, [("LB421", 37)]),
        ("      terminationGracePeriodSeconds: 60\n", "", 50, [("LB421", 30)]),
        ("      terminationGracePeriodSeconds: 60\n", "", None, []),
        ("Seconds: 60", "Seconds: 5", None, [("LB421", 37)]),
        ("Seconds: 60", "Seconds: ${GRACE}", 90, []),
        ("RollingUpdate", "Recreate", None, [("LB421", 33)]),
        ("replicas: 3\n  strategy: {type: RollingUpdate", "strategy: {type: Recreate", None, []),
    ],
)
def test_the_pods_behind_a_service_have_their_own_clock(
    old: str,
    new: str,
    needed: int | None,
    expected: list[tuple[str, int]],
    tmp_path: pathlib.Path,
) -> None:
    profile = f"drain: {{time_s: {needed}}}\n" if needed else ""
    pods = PODS.replace(old, new) if old else PODS
    assert told(ingress(annotations=LONG) + pods, tmp_path, profile) == expected
    behind = ingress(annotations=ALB_LONG, ingress_class="alb") + pods
    lines = [(code, line + 1) for code, line in expected]
    assert told(behind, tmp_path, profile) == lines


def test_whose_rules_come_first_in_a_group_says_its_order(tmp_path: pathlib.Path) -> None:
    order = f"{ALB}group.order"
    shared = {**ALB_LONG, f"{ALB}group.name": "edge"}
    pages = ingress("pages", {**shared, order: "'10'"}, ingress_class="alb", path="/")
    chat = ingress("chat", {**shared, order: "'20'"}, ingress_class="alb")
    assert told(f"{pages}---\n{chat}", tmp_path) == [("LB107", 41)]
    first = chat.replace("'20'", "'-5'")
    assert told(f"{pages}---\n{first}", tmp_path) == []
    by_name = f"{pages}---\n{chat}".replace("'10'", "'20'")
    assert told(by_name, tmp_path) == []


REDIRECTED = """\
apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: front
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=3600
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'
    alb.ingress.kubernetes.io/actions.ssl-redirect: |
      {"Type": "redirect", "RedirectConfig": {
        "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
spec:
  rules:
    - host: app.example
      http:
        paths:
          - path: /*
            backend: {serviceName: ssl-redirect, servicePort: use-annotation}
          - path: /ws
            backend: {serviceName: chat, servicePort: 8000}
"""


def test_a_redirect_to_https_before_everything_else_is_for_http_only(
    tmp_path: pathlib.Path,
) -> None:
    assert told(REDIRECTED, tmp_path) == []
    elsewhere = REDIRECTED.replace('"Port": "443"', '"Host": "new.example"')
    assert told(elsewhere, tmp_path) == [("LB107", 20)]


def test_a_cookie_for_a_regular_expression_is_never_sent_back(tmp_path: pathlib.Path) -> None:
    sticky = {**LONG, f"{NGINX}affinity": "cookie", f"{NGINX}rewrite-target": "/$1"}
    pattern = ingress(annotations=sticky, path="/ws/?(.*)")
    assert told(pattern, tmp_path, STICKY) == [("LB502", 9)]
    own = {**sticky, f"{NGINX}session-cookie-path": "/ws"}
    assert told(ingress(annotations=own, path="/ws/?(.*)"), tmp_path, STICKY) == []
    assert told(ingress(annotations=sticky), tmp_path, STICKY) == []


@pytest.mark.parametrize(
    ("ingress_class", "annotations", "profile", "assumed"),
    [
        ("nginx", {}, "", "ingress-nginx serves the class `nginx`"),
        ("nginx-internal", {}, "", "ingress-nginx serves the class `nginx-internal`"),
        ("haproxy", {}, "", "haproxy-ingress serves the class `haproxy`"),
        ("nginx", LONG, "", None),
        ("nginx", {}, "versions: {ingress_controller: nginx-inc}\n", None),
        ("alb", ALB_LONG, "", None),
    ],
)
def test_a_class_of_two_controllers_is_an_assumption_and_said_so(
    tmp_path: pathlib.Path,
    ingress_class: str,
    annotations: dict[str, str],
    profile: str,
    assumed: str | None,
) -> None:
    text = ingress(annotations=annotations, ingress_class=ingress_class)
    remedy = "(else --param ingress.controller=NAME)"
    told = (f"{assumed} {remedy}",) if assumed else ()
    found = report(f"{text}---\n{text}", tmp_path, profile)
    assert found.assumed == told
    assert ("; assumed: " in coverage(found)) == bool(told)


def test_where_nothing_speaks_of_websockets_nothing_is_assumed(tmp_path: pathlib.Path) -> None:
    assert report(ingress("shop", path="/shop"), tmp_path).assumed == ()


@pytest.mark.parametrize(
    ("sticky", "expected"),
    [
        ("", ["LB423", "LB502"]),
        (', "targetGroupStickinessConfig": {"enabled": true, "durationSeconds": 600}', ["LB423"]),
        (', "TargetGroupStickinessConfig": {"Enabled": false}', ["LB423", "LB502"]),
    ],
)
def test_clients_that_stay_with_one_of_two_groups(
    tmp_path: pathlib.Path, sticky: str, expected: list[str]
) -> None:
    groups = ", ".join(
        f'{{"serviceName": "{color}", "servicePort": "80", "weight": 50}}'
        for color in ("blue", "green")
    )
    action = f'{{"type": "forward", "forwardConfig": {{"targetGroups": [{groups}]{sticky}}}}}'
    annotations = {
        **ALB_LONG,
        f"{ALB}target-type": "ip",
        f"{ALB}actions.app": f"'{action}'",
        f"{ALB}target-group-attributes": "stickiness.enabled=true",
    }
    text = ingress(annotations=annotations, ingress_class="alb")
    text = text.replace("number: 8080", "name: use-annotation")
    assert [code for code, _ in told(text, tmp_path)] == expected
