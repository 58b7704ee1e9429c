"""LB107: another match takes the WebSocket's requests first."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, HAPROXY, NGINX, RULES
from lbcheck.rules.without_effect import problems


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    return problems(route, Effect.SHADOWED)


_REGEX = """\
    location ~ ^/[a-z]+/ {
        proxy_pass http://127.0.0.1:9000;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
    }
"""

_CATCH_ALL = """\
      {"RuleArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/a/b/c/d",
       "Priority": "1", "IsDefault": false,
       "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
       "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]},
"""

RULE = Rule(
    code="LB107",
    name="websocket-route-shadowed",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="An earlier or stronger match takes the WebSocket's requests.",
    why=(
        "nginx prefers a matching regular expression to a prefix without `^~`; HAProxy takes the "
        "first `use_backend` that matches; AWS the rule with the lowest priority number. The "
        "route that was made for WebSockets never runs."
    ),
    remedy=(
        "nginx: `location ^~ /ws/`. HAProxy: move the `use_backend` line up. AWS: give the "
        "WebSocket rule a lower priority number."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-use_backend",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html",
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("/ws/ {", "/ws/ {  # <- here").replace(
                "    location", f"{_REGEX}    location"
            ),
            good=NGINX.replace("location /ws/", "location ^~ /ws/").replace(
                "    location ^~", f"{_REGEX}    location ^~"
            ),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    use_backend ws if { path_beg /ws }\n",
                "    use_backend pages if { path_beg / }\n"
                "    use_backend ws if { path_beg /ws }  # <- here\n",
            ),
            good=HAPROXY,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('      {"RuleArn"', f'{_CATCH_ALL}      {{"RuleArn"', 1),
            good=AWS,
            here=(f"{RULES}/1/Priority",),
        ),
    ),
)
