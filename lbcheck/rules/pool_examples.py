"""Healthy configurations with several targets that examples about pools are cut from.

`HAPROXY` wants a backend `ws_chat` behind it, `HAPROXY_BACKEND` is a healthy one; `NGINX` is an
http-level snippet, `NGINX_WHOLE` a whole file; `AWS_NLB` is `AWS` with a network load balancer.
"""

from __future__ import annotations

from lbcheck.rules.example_parts import AWS, GROUP


def at(*steps: str | int) -> str:
    """Where an example is at fault: keys and indices, a slash in a key written `~1` (RFC 6901)."""
    return "/".join(str(step).replace("/", "~1") for step in steps)


HAPROXY = """\
global
    hard-stop-after 30m

defaults
    mode http
    option redispatch
    timeout connect 3s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h

frontend edge
    bind 127.0.0.1:8080
    use_backend ws_chat if { path_beg /ws }

"""

HAPROXY_BACKEND = """\
backend ws_chat
    option httpchk
    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host chat.example
    http-check expect status 200
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
"""

NGINX_UPSTREAM = """\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
upstream chat {
    zone chat 64k;
    server 127.0.0.1:9001;
    server 127.0.0.1:9002;
}
"""

NGINX_LOCATION = """\
server {
    listen 127.0.0.1:8080;
    location /ws/ {
        proxy_pass http://chat;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_connect_timeout 3s;
        proxy_read_timeout 120s;
        proxy_next_upstream error timeout http_502 http_503 http_504;
    }
}
"""

NGINX = NGINX_UPSTREAM + NGINX_LOCATION

HEAD = "worker_shutdown_timeout 10m;\nevents { worker_connections 4096; }\nhttp {\n"
NGINX_WHOLE = HEAD + NGINX + "}\n"

AWS_NLB = (
    AWS.replace("/app/", "/net/")
    .replace('"Type": "application"', '"Type": "network"')
    .replace('{"Key": "idle_timeout.timeout_seconds", "Value": "120"}', "")
    .replace('"Port": 443, "Protocol": "HTTPS"', '"Port": 443, "Protocol": "TCP"')
    .replace('"Protocol": "HTTP", "Port": 8080,', '"Protocol": "TCP", "Port": 8080,')
    .replace('\n     "ProtocolVersion": "HTTP1",', "")
    .replace(
        '{"Key": "stickiness.enabled", "Value": "false"}',
        '{"Key": "deregistration_delay.connection_termination.enabled", "Value": "true"}',
    )
)
_start, _end = AWS_NLB.index('  "Rules": {'), AWS_NLB.index('  "TargetGroups": [')
AWS_NLB = AWS_NLB[:_start] + AWS_NLB[_end:]
_start = AWS_NLB.index('"DefaultActions"')
_end = AWS_NLB.index("]}", _start)
AWS_NLB = (
    AWS_NLB[:_start]
    + f'"DefaultActions": [\n         {{"Type": "forward", "TargetGroupArn": "{GROUP}"}}\n       '
    + AWS_NLB[_end:]
)

NLB_GROUP = GROUP.replace("/app/", "/net/")
NEXT_GROUP = GROUP.replace("chat-ws", "chat-ws-next")
_FORWARD = f'"TargetGroupArn": "{GROUP}"}}\n       ]}},'
_group = AWS[AWS.index('    {"TargetGroupArn"') : AWS.index('  ],\n  "TargetGroupAttributes"')]
_health = AWS[AWS.index('      {"Target": ') : AWS.index('    ]\n  },\n  "Tags"')]
AWS_WEIGHTED = (
    AWS.replace(
        _FORWARD,
        f'''"ForwardConfig": {{"TargetGroups": [
            {{"TargetGroupArn": "{GROUP}", "Weight": 3}},
            {{"TargetGroupArn": "{NEXT_GROUP}", "Weight": 1}}
          ]}}}}
       ]}},''',
    )
    .replace(
        _group.rstrip("\n"),
        _group.rstrip("\n") + ",\n" + _group.replace("chat-ws", "chat-ws-next").rstrip("\n"),
    )
    .replace(
        f'"TargetGroupAttributes": {{\n    "{GROUP}": [',
        f'"TargetGroupAttributes": {{\n    "{NEXT_GROUP}": [],\n    "{GROUP}": [',
    )
    .replace(
        f'"TargetHealth": {{\n    "{GROUP}": [',
        f'"TargetHealth": {{\n    "{NEXT_GROUP}": [\n'
        + _health.replace("10.0.", "10.1.")
        + f'    ],\n    "{GROUP}": [',
    )
)
