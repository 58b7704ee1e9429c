"""Annotations that do nothing are told, whatever carries WebSockets; the others are left alone."""

from __future__ import annotations

import pathlib

import pytest

from tests.kubernetes.manifests import (
    ALB,
    ALB_LONG,
    HAPROXY,
    INC,
    LONG,
    NGINX,
    NLB,
    TECH,
    ingress,
    plain,
    report,
    service,
    told,
)

LOAD_BALANCER = "  type: LoadBalancer\n"


@pytest.mark.parametrize(
    ("key", "value", "ingress_class", "code"),
    [
        (f"{ALB}connection-idle-timeout", '"1800"', "alb", "LB306"),
        (f"{ALB}idle-timeout", '"1800"', "alb", "LB306"),
        (f"{ALB}idle_timeout.timeout_seconds", '"1800"', "alb", "LB306"),
        (f"{ALB}load-balancer-idle-timeout", '"1800"', "alb", "LB306"),
        (f"{ALB}load-balancer-attributes", "idle_timeout=1800", "alb", "LB306"),
        (f"{ALB}load-balancer-attributes", '"idle_timeout.timeout_seconds: 1800"', "alb", "LB306"),
        (f"{ALB}target-group-attributes", "idle_timeout.timeout_seconds=1800", "alb", "LB306"),
        (f"{ALB}load-balancer-attribute", "idle_timeout.timeout_seconds=1800", "alb", "LB306"),
        (f"{ALB}health-check-path", "/healthz", "alb", "LB202"),
        (f"{ALB}healthcheck-interval", '"5"', "alb", "LB202"),
        (f"{ALB}unhealthy-threshold", '"2"', "alb", "LB202"),
        (f"{ALB}successCodes", '"200"', "alb", "LB202"),
        (f"{ALB}deregistration-delay", '"30"', "alb", "LB510"),
        (f"{ALB}sticky-sessions", '"true"', "alb", "LB510"),
        (f"{NLB}connection-idle-timeout", '"1800"', "alb", "LB306"),
        (f"{NLB}healthcheck-path", "/healthz", "alb", "LB202"),
        (f"{NLB}connection-idle-timeout", '"1800"', "nginx", "LB306"),
        (f"{NGINX}proxy_read_timeout", '"3600"', "nginx", "LB306"),
        (f"{NGINX}read-timeout", '"3600"', "nginx", "LB306"),
        (f"{NGINX}proxy-timeout", '"3600"', "nginx", "LB306"),
        (f"{NGINX}websocket-timeout", '"3600"', "nginx", "LB306"),
        (f"{NGINX}proxy-read-timeout", '"3600s"', "nginx", "LB306"),
        (f"{NGINX}proxy-read-timeout", "1h", "nginx", "LB306"),
        (f"{NGINX}proxy-read-timeout", "'\"3600\"'", "nginx", "LB306"),
        (f"{NGINX}proxy-read-timeout", "3600", "nginx", "LB306"),
        (f"{NGINX}worker-shutdown-timeout", "5m", "nginx", "LB510"),
        (f"{NGINX}healthcheck-path", "/healthz", "nginx", "LB202"),
        ("ingress.kubernetes.io/proxy-read-timeout", '"3600"', "nginx", "LB306"),
        ("nginx.kubernetes.io/proxy-read-timeout", '"3600"', "nginx", "LB306"),
        ("ingress.nginx.kubernetes.io/proxy-read-timeout", '"3600"', "nginx", "LB306"),
        (f"{INC}proxy-read-timout", "1h", "nginx", "LB306"),
        (f"{INC}read-timeout", "1h", "nginx", "LB306"),
        (f"{HAPROXY}tunnel-timeout", "24h", "haproxy", "LB306"),
        (f"{HAPROXY}timeout-tunel", "24h", "haproxy", "LB306"),
        (f"{HAPROXY}timeout-client", "24h", "haproxy", "LB306"),
        (f"{HAPROXY}timeout-stop", "24h", "haproxy", "LB510"),
        (f"{TECH}timeout-tunnel", "24h", "haproxy", "LB306"),
        (f"{TECH}hard-stop-after", "24h", "haproxy", "LB510"),
        (f"{NGINX}proxy-read-timeout", '"3600"', "alb", "LB306"),
        (f"{ALB}load-balancer-attributes", "idle_timeout.timeout_seconds=900", "nginx", "LB306"),
        (f"{ALB}healthcheck-path", "/healthz", "nginx", None),
        (f"{NGINX}affinity", "cookie", "alb", "LB510"),
        (f"{NGINX}proxy-read-timeout", '"3600"', "gce", "LB306"),
        (f"{NGINX}proxy-read-timeout", '"3600"', "traefik", "LB306"),
        (f"{ALB}healthcheck-path", "/healthz", "gce", "LB202"),
    ],
)
def test_it_is_told_on_its_line(
    key: str, value: str, ingress_class: str, code: str | None, tmp_path: pathlib.Path
) -> None:
    expected = [(code, 8)] if code else []
    assert told(plain({key: value}, ingress_class), tmp_path) == expected


@pytest.mark.parametrize(
    ("annotations", "ingress_class"),
    [
        (ALB_LONG, "alb"),
        ({**ALB_LONG, **LONG}, "alb"),
        ({**LONG, **ALB_LONG}, "nginx"),
        ({**LONG, f"{INC}proxy-read-timeout": "1h"}, "nginx"),
        ({f"{NGINX}proxy-read-timeout": '"60"'}, "alb"),
        ({f"{NGINX}proxy-read-timeout": "$TIMEOUT"}, "nginx"),
        ({f"{NGINX}auth-keepalive-timeout": '"60"'}, "nginx"),
        ({f"{NGINX}session-cookie-expires": '"172800"'}, "nginx"),
        ({f"{NGINX}websocket-services": "other"}, "alb"),
        ({f"{NGINX}some-setting-of-next-year": "x"}, "nginx"),
        ({f"{ALB}auth-session-timeout": '"86400"'}, "alb"),
        ({f"{ALB}actions.ssl-redirect": '\'{"type": "redirect"}\''}, "alb"),
        (
            {f"{ALB}listener-attributes.HTTPS-443": "routing.http.response.server.enabled=false"},
            "alb",
        ),
        ({"external-dns.alpha.kubernetes.io/ttl": '"60"'}, "alb"),
        ({"traefik.ingress.kubernetes.io/service.sticky.cookie": '"true"'}, "nginx"),
        ({"ingress.kubernetes.io/timeout-tunnel": "24h"}, "haproxy"),
        ({**LONG, "traefik.ingress.kubernetes.io/router.tls": '"true"'}, "traefik"),
        ({**LONG, "networking.gke.io/managed-certificates": "web"}, "gce"),
        (
            {
                f"{INC}proxy-read-timeout": "1d",
                f"{INC}send-timeout": "1d",
                f"{INC}keepalive-timeout": "5m",
                f"{INC}websocket-services": "app",
            },
            "nginx",
        ),
    ],
)
def test_what_has_an_effect_or_does_not_matter_is_left_alone(
    annotations: dict[str, str], ingress_class: str, tmp_path: pathlib.Path
) -> None:
    assert told(plain(annotations, ingress_class), tmp_path) == []


@pytest.mark.parametrize(
    ("annotations", "spec", "expected"),
    [
        ({f"{NLB}healthcheck-path": "/healthz"}, "", [("LB202", 6)]),
        ({f"{NLB}healthcheck-path": "/healthz"}, "  type: NodePort\n", [("LB202", 6)]),
        ({f"{NLB}healthcheck-path": "/healthz"}, LOAD_BALANCER, []),
        ({f"{NLB}healthcheck-path": "/healthz"}, "  type: ${TYPE}\n", []),
        (
            {f"{NLB}type": "nlb", f"{NLB}connection-idle-timeout": '"3600"'},
            LOAD_BALANCER,
            [("LB306", 7)],
        ),
        ({f"{NLB}connection-idle-timeout": '"3600"'}, LOAD_BALANCER, []),
        ({f"{NLB}connection-idle-timeout": "3600"}, LOAD_BALANCER, [("LB306", 6)]),
        ({f"{NLB}type": "external", f"{NLB}idle-timeout": '"3600"'}, LOAD_BALANCER, [("LB306", 7)]),
        ({f"{NGINX}proxy-read-timeout": '"3600"'}, "", [("LB306", 6)]),
        ({f"{ALB}healthcheck-path": "/healthz"}, "", []),
        (
            {f"{ALB}load-balancer-attributes": "idle_timeout.timeout_seconds=900"},
            "",
            [("LB306", 6)],
        ),
    ],
)
def test_on_services(
    annotations: dict[str, str],
    spec: str,
    expected: list[tuple[str, int]],
    tmp_path: pathlib.Path,
) -> None:
    assert told(service(annotations, spec), tmp_path) == expected


def test_a_patch_of_a_service_does_not_say_its_type(tmp_path: pathlib.Path) -> None:
    text = service({f"{NLB}healthcheck-path": "/healthz"}, "")
    assert told(text[: text.index("spec:")], tmp_path) == []


def test_among_the_labels(tmp_path: pathlib.Path) -> None:
    text = plain({}).replace(
        "  annotations:", f"  labels:\n    {NGINX}proxy-read-timeout: '3600'\n  annotations:"
    )
    assert told(text, tmp_path) == [("LB306", 6)]


def test_what_is_no_more_than_the_default_does_no_harm(tmp_path: pathlib.Path) -> None:
    text = plain({f"{NGINX}proxy-read-timeout": '"50"'}, "alb")
    assert told(text, tmp_path) == []
    longer = plain({f"{NGINX}proxy-read-timeout": '"61"'}, "alb")
    assert told(longer, tmp_path) == [("LB306", 8)]


def test_a_heartbeat_that_fits_the_default_makes_it_a_remark(tmp_path: pathlib.Path) -> None:
    text = ingress(annotations={f"{ALB}idle-timeout": '"900"'}, ingress_class="alb")
    profile = "heartbeat: {sender: server, interval_s: 25}\nhealth: {allow_paths: [/]}\n"
    (finding,) = report(text, tmp_path, profile).findings
    assert (finding.code, finding.severity.value) == ("LB306", "info")


def test_the_message_says_what_was_probably_meant(tmp_path: pathlib.Path) -> None:
    (finding,) = report(plain({f"{ALB}idle-timeout": '"900"'}, "alb"), tmp_path).findings
    assert finding.message == (
        "`alb.ingress.kubernetes.io/idle-timeout` has no effect: the AWS Load Balancer Controller "
        "knows no such annotation; did you mean "
        "`load-balancer-attributes: idle_timeout.timeout_seconds=900`?"
    )


@pytest.mark.parametrize("value", ["7200", "true", "1.5", "0x10"])
def test_a_value_without_quotes_that_is_no_text(value: str, tmp_path: pathlib.Path) -> None:
    (finding,) = report(plain({f"{NGINX}proxy-read-timeout": value}), tmp_path).findings
    assert finding.message == (
        "`proxy-read-timeout` has no effect: Kubernetes takes only text for annotations and "
        "refuses the object; put it in quotes"
    )


@pytest.mark.parametrize(
    ("snippet", "lines", "expected"),
    [
        ("server-snippet", ["proxy_read_timeout 3600s;"], [("LB306", 9)]),
        ("server-snippet", ["location /ws {", "proxy_read_timeout 1h; }"], []),
        ("server-snippet", ["# proxy_read_timeout 3600s;"], []),
        (
            "configuration-snippet",
            ["proxy_buffering off;", "proxy_read_timeout 3600s;"],
            [("LB306", 10)],
        ),
        ("configuration-snippet", ["proxy_buffering off;"], []),
        (
            "configuration-snippet",
            ["proxy_buffering off;", "proxy_http_version 1.1;"],
            [("LB510", 10)],
        ),
        ("server-snippet", ["proxy_http_version 1.1;"], []),
    ],
)
def test_a_timeout_in_a_snippet(
    snippet: str, lines: list[str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    """nginx refuses a second `proxy_read_timeout` beside the location's own, and a second
    `proxy_http_version` (1.22.1: "directive is duplicate")."""
    text = "".join(f"\n      {line}" for line in lines)
    assert told(plain({f"{NGINX}{snippet}": f"|{text}"}), tmp_path) == expected


def test_an_annotation_that_stands_twice(tmp_path: pathlib.Path) -> None:
    key = f"{NGINX}proxy-read-timeout"
    text = plain(LONG).replace("spec:", f'    {key}: "60"\nspec:')
    (finding,) = report(text, tmp_path).findings
    assert (finding.code, finding.location.line) == ("LB306", 8)
    assert finding.message == (
        "`proxy-read-timeout` has no effect: it stands once more below, and the later one counts"
    )


def test_a_config_map_takes_only_text(tmp_path: pathlib.Path) -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller}
data:
  proxy-read-timeout: 3600
  worker-shutdown-timeout: "240s"
"""
    (finding,) = report(f"{text}---\n{ingress()}", tmp_path).findings
    assert (finding.code, finding.location.line) == ("LB306", 5)
    assert finding.message == (
        "`proxy-read-timeout` has no effect: Kubernetes takes only text for a ConfigMap and "
        "refuses the object; put it in quotes"
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("proxy-read-timeout", []),
        ("proxy_read_timeout", [("LB306", 5)]),
        (f"{NGINX}proxy-read-timeout", [("LB306", 5)]),
    ],
)
def test_keys_of_a_config_map(
    key: str, expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller}\n"
        f'data:\n  {key}: "3600"\n'
    )
    assert told(text, tmp_path) == expected


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        ("spec:\n  annotations:\n    ", "it stands in `spec.annotations`"),
        ("metadata:\n  name: front\n  ", "it stands in `metadata`"),
        ("annotations:\n  ", "it stands in `annotations`"),
    ],
)
def test_annotations_that_stand_elsewhere(above: str, reason: str, tmp_path: pathlib.Path) -> None:
    head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
    text = f'{head}{above}{NGINX}proxy-read-timeout: "3600"\n'
    (finding,) = report(text, tmp_path).findings
    assert finding.code == "LB306"
    assert finding.message == (
        f"`proxy-read-timeout` has no effect: {reason}, and only `metadata.annotations` is read"
    )


PODS = f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
  annotations:
    {NGINX}proxy-read-timeout: "%s"
spec:
  template:
    metadata:
      annotations:
        {NGINX}proxy-body-size: 8m
---
"""


def test_annotations_of_what_runs_the_pods(tmp_path: pathlib.Path) -> None:
    text = PODS + ingress("front", LONG, path="/")
    (finding,) = report(text % "3600", tmp_path).findings
    assert (finding.code, finding.location.line, finding.message) == (
        "LB306",
        6,
        "`proxy-read-timeout` has no effect: controllers read Ingresses and Services, and this is "
        "a Deployment",
    )
    assert told(text % "60", tmp_path) == []


@pytest.mark.parametrize(
    ("snippet", "lines", "expected"),
    [
        ("server-snippets", ["proxy_read_timeout 3600s;"], [("LB306", 9)]),
        ("location-snippets", ["proxy_read_timeout 3600s;"], [("LB306", 9)]),
        ("location-snippets", ["proxy_buffering off;"], []),
    ],
)
def test_a_timeout_in_a_snippet_of_nginx_inc(
    snippet: str, lines: list[str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    text = "".join(f"\n      {line}" for line in lines)
    assert told(plain({f"{INC}{snippet}": f"|{text}"}), tmp_path) == expected
