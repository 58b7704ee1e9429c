"""What projects and controllers recommend, rendered: nothing is wrong with it.

Each is rebuilt from the documentation it is named after; notes are allowed, warnings are not.
"""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.finding import Severity
from tests.kubernetes.manifests import ALB, HAPROXY, INC, NGINX, NLB, TECH, ingress, report, service

LONG = {f"{NGINX}proxy-read-timeout": '"3600"', f"{NGINX}proxy-send-timeout": '"3600"'}
COOKIE = {
    f"{NGINX}affinity": "cookie",
    f"{NGINX}session-cookie-name": "route",
    f"{NGINX}session-cookie-hash": "sha1",
    f"{NGINX}session-cookie-expires": '"172800"',
    f"{NGINX}session-cookie-max-age": '"172800"',
}
INGRESSES = {
    "ingress-nginx, WebSockets": ingress(annotations=LONG),
    "ingress-nginx, cookie affinity": ingress("sticky", COOKIE, path="/"),
    "ingress-nginx, dashboard over TLS": ingress(
        "dashboard", {f"{NGINX}backend-protocol": "HTTPS"}, path="/"
    ),
    "ingress-nginx, gRPC": ingress(
        "greeter", {f"{NGINX}backend-protocol": "GRPC", f"{NGINX}ssl-redirect": "'true'"}, path="/"
    ),
    "Socket.IO, several nodes": ingress(
        "io",
        {**LONG, **COOKIE, f"{NGINX}upstream-hash-by": "$http_x_forwarded_for"},
        path="/socket.io",
    ),
    "Grafana Live": ingress(
        "grafana", {**LONG, f"{NGINX}rewrite-target": "/$1"}, path="/api/live/ws"
    ),
    "Mattermost": ingress(
        "mattermost",
        {
            f"{NGINX}proxy-body-size": "50m",
            f"{NGINX}proxy-read-timeout": '"600"',
            f"{NGINX}proxy-send-timeout": '"600"',
            f"{NGINX}proxy-buffering": '"on"',
            f"{NGINX}configuration-snippet": "|\n      proxy_force_ranges on;\n"
            "      proxy_cache mattermost_cache;",
        },
        path="/api/v4/websocket",
    ),
    "Home Assistant": ingress("home", {**LONG, f"{INC}websocket-services": "app"}, path="/"),
    "JupyterHub": ingress(
        "jupyterhub",
        {**LONG, f"{NGINX}proxy-body-size": '"64m"', f"{NGINX}websocket-services": "proxy-public"},
        path="/",
        service="proxy-public",
    ),
    "Rocket.Chat": ingress("rocketchat", {**LONG, **COOKIE}, path="/websocket"),
    "code server": ingress(
        "code",
        {**LONG, f"{NGINX}proxy-body-size": '"0"', f"{NGINX}proxy-buffering": '"off"'},
        path="/",
    ),
    "a snippet with the Upgrade headers": ingress(
        "app",
        {
            **LONG,
            f"{NGINX}configuration-snippet": "|\n"
            "      proxy_set_header Upgrade $http_upgrade;\n"
            '      proxy_set_header Connection "upgrade";',
        },
        path="/",
    ),
    "a snippet instead of the list of services": ingress(
        "app",
        {
            f"{INC}proxy-read-timeout": "1h",
            f"{INC}location-snippets": "|\n"
            "      proxy_set_header Upgrade $http_upgrade;\n"
            "      proxy_set_header Connection $connection_upgrade;",
        },
    ),
    "external authentication": ingress(
        "app",
        {
            **LONG,
            f"{NGINX}auth-url": "https://$host/oauth2/auth",
            f"{NGINX}auth-signin": "https://$host/oauth2/start?rd=$escaped_request_uri",
        },
    ),
    "KubeVirt manager, NGINX Inc": ingress(
        "manager",
        {
            f"{INC}proxy-read-timeout": '"86400s"',
            f"{INC}proxy-send-timeout": '"86400s"',
            f"{INC}send-timeout": '"86400s"',
            f"{INC}keepalive-timeout": '"300s"',
            f"{INC}websocket-services": '"app"',
            f"{INC}location-snippets": "|\n      proxy_set_header Upgrade $http_upgrade;",
        },
        path="/",
    ),
    "two controllers of nginx": ingress(
        "app",
        {**LONG, f"{INC}websocket-services": "app", f"{INC}proxy-read-timeout": '"3600s"'},
    ),
    "every controller at once": ingress(
        "app",
        {
            **LONG,
            f"{HAPROXY}timeout-tunnel": "1h",
            f"{TECH}timeout-tunnel": "1h",
            "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
        },
    ),
    "haproxy-ingress, affinity": ingress(
        "app",
        {f"{HAPROXY}affinity": "cookie", f"{HAPROXY}session-cookie-name": "SRV"},
        ingress_class="haproxy",
    ),
    "Collabora, haproxy-ingress": ingress(
        "collabora",
        {
            f"{HAPROXY}timeout-tunnel": "3600s",
            f"{HAPROXY}balance-algorithm": "url_param WOPISrc check_post",
        },
        ingress_class="haproxy",
        path="/cool/ws",
    ),
    "the 2048 game": ingress(
        "ingress-2048",
        {f"{ALB}scheme": "internet-facing", f"{ALB}target-type": "ip"},
        ingress_class="alb",
        path="/",
    ),
    "Argo CD behind an ALB": ingress(
        "argocd",
        {
            f"{ALB}backend-protocol": "HTTPS",
            f"{ALB}conditions.argogrpc": '|\n      [{"field": "http-header",'
            ' "httpHeaderConfig": {"httpHeaderName": "Content-Type",'
            ' "values": ["application/grpc"]}}]',
            f"{ALB}listen-ports": "'[{\"HTTPS\": 443}]'",
        },
        ingress_class="alb",
        path="/",
        service="argogrpc",
    ),
    "an ALB with everything": ingress(
        "app",
        {
            f"{ALB}certificate-arn": "arn:aws:acm:eu-west-1:111122223333:certificate/0e5f",
            f"{ALB}listen-ports": '\'[{"HTTP": 80}, {"HTTPS": 443}]\'',
            f"{ALB}ssl-redirect": "'443'",
            f"{ALB}healthcheck-path": "/healthz",
            f"{ALB}healthcheck-interval-seconds": "'10'",
            f"{ALB}healthcheck-timeout-seconds": "'5'",
            f"{ALB}success-codes": '"200"',
            f"{ALB}load-balancer-attributes": "|\n      idle_timeout.timeout_seconds=3600,\n"
            "      routing.http2.enabled=true",
            f"{ALB}target-group-attributes": "|\n      stickiness.enabled=true,\n"
            "      stickiness.lb_cookie.duration_seconds=3600,\n"
            "      deregistration_delay.timeout_seconds=120",
        },
        ingress_class="alb",
    ),
    "ingress-nginx on AWS": service(
        {
            f"{NLB}type": "nlb",
            f"{NLB}backend-protocol": "tcp",
            f"{NLB}connection-idle-timeout": '"60"',
            f"{NLB}cross-zone-load-balancing-enabled": '"true"',
        },
        "  type: LoadBalancer\n  externalTrafficPolicy: Local\n",
    ),
    "ingress-nginx with a classic load balancer": service(
        {f"{NLB}backend-protocol": "tcp", f"{NLB}connection-idle-timeout": '"3600"'},
        "  type: LoadBalancer\n",
    ),
}


@pytest.mark.parametrize("name", INGRESSES)
def test_it_is_left_alone(name: str, tmp_path: pathlib.Path) -> None:
    found = report(INGRESSES[name], tmp_path)
    told = [
        (finding.code, finding.location.line, finding.message)
        for finding in found.findings
        if finding.severity is not Severity.INFO
    ]
    assert (told, found.complete) == ([], True)
