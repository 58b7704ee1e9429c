"""Tell by content and name what kind of configuration a file is."""

from __future__ import annotations

import os
import re

NGINX, HAPROXY, AWS = "nginx", "haproxy", "aws"
KINDS = (NGINX, HAPROXY, AWS)

# Everything is anchored at a line start and ends within the line, so that a look stays linear.
_NGINX_BLOCK = re.compile(
    r"(?m)^[ \t]*+(?:(?:http|events|stream|server)[ \t]*+\{"
    r"|(?:upstream|location|map|geo|split_clients)[ \t][^;{}\n]*+\{)"
)
_NGINX_SIMPLE = re.compile(
    r"(?m)^[ \t]*+(?:proxy_(?:pass|set_header|http_version|read_timeout|buffering)"
    r"|server_name|listen|include|fastcgi_param|uwsgi_param|resolver|ssl_certificate)"
    r"[ \t][^;{}\n]*+;"
)
_NGINX_ROOT = re.compile(r"(?m)^[ \t]*+(?:http|events|stream)[ \t\r\n]*+\{")
_HAPROXY_SECTION = re.compile(
    r"(?m)^[ \t]*+(?:global[ \t\r]*+$|defaults(?:[ \t][^;{}\n]*+)?$"
    r"|(?:frontend|backend|listen)[ \t]++[^;{}\s]++[ \t\r]*+"
    r"(?:(?:from[ \t]|#|[^\s;{}]*?:\d)[^;{}\n]*+)?$)"
)
_AWS_DOCUMENT = re.compile(
    r'"(?:LoadBalancers|TargetGroups|TargetHealthDescriptions|LoadBalancerDescriptions'
    r'|ListenerArn|TargetGroupArn|LoadBalancerArn)"|"lbcheck-aws/'
)

_CANDIDATE_ENDINGS = frozenset(
    ".conf .cfg .nginx .haproxy .vhost .inc .include .template .tmpl .tpl .j2 .jinja .jinja2"
    " .erb .ctmpl .dump .json .params .snippet .site .in .dist .default .example .sample".split()
)
_CONFIGURATION_FOLDERS = frozenset(
    "sites-enabled sites-available conf.d nginx haproxy snippets vhosts edge".split()
)


def candidate(path: str) -> bool:
    """Is a file found in a folder worth a look? By its name alone."""
    name = os.path.basename(path)
    ending = os.path.splitext(name)[1].lower()
    if not ending or ending in _CANDIDATE_ENDINGS:
        return True
    return os.path.basename(os.path.dirname(path)) in _CONFIGURATION_FOLDERS


def kind_of(path: str, text: str) -> str | None:
    """The kind of a configuration text, or None where it is none of them."""
    name = os.path.basename(path).lower()
    if name.endswith(".json") or text.lstrip()[:1] == "{":
        return AWS if _AWS_DOCUMENT.search(text) else None
    haproxy = bool(_HAPROXY_SECTION.search(text))
    if haproxy and not _NGINX_BLOCK.search(text):
        return HAPROXY
    if name.startswith("nginx.conf") or _NGINX_BLOCK.search(text) or _NGINX_SIMPLE.search(text):
        return NGINX
    return HAPROXY if haproxy or name.startswith("haproxy.cfg") else None


def is_nginx_root(text: str) -> bool:
    """Does an nginx text stand on its own (http, events or stream at top level)?"""
    return bool(_NGINX_ROOT.search(text))


def has_haproxy_global(text: str) -> bool:
    """Does a HAProxy text have a `global` section, as the first file of an instance does?"""
    return bool(re.search(r"(?m)^[ \t]*+global[ \t\r]*+$", text))
