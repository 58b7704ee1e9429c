"""Kinds are told by content first, and by name where content says nothing."""

import pytest

from lbcheck.sources import detect


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("nginx.conf", "", "nginx"),
        ("site", "server {\n listen 80;\n}\n", "nginx"),
        ("proxy_params", "proxy_set_header Host $host;\n", "nginx"),
        ("app.conf", "  location /ws {\n    proxy_pass http://a;\n  }\n", "nginx"),
        ("haproxy.cfg", "", "haproxy"),
        ("lb.conf", "frontend f\n  bind :80\n", "haproxy"),
        ("lb.conf", "defaults\n  mode http\n", "haproxy"),
        ("10-global.cfg", "global\n  daemon\n", "haproxy"),
        ("state.json", '{"schema": "lbcheck-aws/1"}', "aws"),
        ("groups.json", '{"TargetGroups": []}', "aws"),
        ("all.json", '{"apiVersion": "v1", "items": [{"kind": "Ingress"}]}', "kubernetes"),
        ("all.json", '{"apiVersion":"v1","kind":"Pod"}', None),
        ("package.json", '{"name": "x"}', None),
        ("supervisord.conf", "[supervisord]\nnodaemon=true\n", None),
        ("sysctl.conf", "net.core.somaxconn = 1024\n", None),
        ("my.cnf", "[mysqld]\nuser = mysql\n", None),
        ("README", "Listen to the server {maybe}\n", None),
        ("setup.cfg", "[metadata]\nname = x\n", None),
        ("notes", "listen carefully\nfrontend and backend are words\n", None),
    ],
)
def test_the_kind_of_a_file(path: str, text: str, kind: str | None) -> None:
    assert detect.kind_of(path, text) == kind


@pytest.mark.parametrize("text", ["{" * 200_000, "server " * 30_000, " " * 200_000, "\n" * 200_000])
def test_a_look_is_linear(text: str) -> None:
    detect.kind_of("x.conf", text)
