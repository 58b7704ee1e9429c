"""Manifests as small as the fault, and what lbcheck says of them."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

from lbcheck.audit import Report
from lbcheck.run import Options, run

NGINX = "nginx.ingress.kubernetes.io/"
ALB = "alb.ingress.kubernetes.io/"
INC = "nginx.org/"
HAPROXY = "haproxy-ingress.github.io/"
TECH = "haproxy.org/"
NLB = "service.beta.kubernetes.io/aws-load-balancer-"
LONG = {f"{NGINX}proxy-read-timeout": '"3600"'}
ALB_LONG = {
    f"{ALB}load-balancer-attributes": "idle_timeout.timeout_seconds=3600",
    f"{ALB}healthcheck-path": "/healthz",
}


def ingress(
    name: str = "chat",
    annotations: Mapping[str, str] | None = None,
    *,
    ingress_class: str = "nginx",
    path: str = "/ws",
    host: str = "app.example",
    service: str = "app",
) -> str:
    """One path of one host. The class stands on line 6, each annotation from line 8 on."""
    lines = "".join(f"    {key}: {value}\n" for key, value in (annotations or {}).items())
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  annotations:
    kubernetes.io/ingress.class: {ingress_class}
    app.example/owner: edge
{lines}spec:
  rules:
    - host: {host}
      http:
        paths:
          - path: {path}
            pathType: Prefix
            backend:
              service:
                name: {service}
                port:
                  number: 8080
"""


def plain(annotations: Mapping[str, str], ingress_class: str = "nginx") -> str:
    """An Ingress that nothing but an annotation makes special."""
    return ingress("front", annotations, ingress_class=ingress_class, path="/")


def service(annotations: Mapping[str, str], spec: str) -> str:
    lines = "".join(f"    {key}: {value}\n" for key, value in annotations.items())
    return f"""\
apiVersion: v1
kind: Service
metadata:
  name: app
  annotations:
{lines}spec:
{spec}  ports: [{{port: 8080}}]
"""


def report(text: str, folder: pathlib.Path, profile: str = "") -> Report:
    path = folder / "manifest.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    chosen = "default"
    if profile:
        own = folder / "profile.yaml"
        own.write_text(f"extends: default\n{profile}")
        chosen = str(own)
    return run([str(path)], Options(profiles=(chosen,), today="2026-11-23"))


def told(text: str, folder: pathlib.Path, profile: str = "") -> list[tuple[str, int | None]]:
    """Codes and lines of what is told."""
    found = report(text, folder, profile).findings
    return [(finding.code, finding.location.line) for finding in found]
