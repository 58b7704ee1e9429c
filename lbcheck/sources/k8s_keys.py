"""Which annotations each Kubernetes controller reads, and what those it does not read are for.

The lists are of kubernetes-sigs/aws-load-balancer-controller 2.14 (pkg/annotations/constants.go)
with what the in-tree provider reads beside it, kubernetes/ingress-nginx 1.15
(docs/user-guide/nginx-configuration) with what earlier releases had, nginx/kubernetes-ingress 5
(internal/configs/annotations.go), jcmoraisjr/haproxy-ingress 0.15 (configuration keys) and
haproxytech/kubernetes-ingress 3.2 (documentation/annotations.md).
"""

from __future__ import annotations

import re
from enum import Enum

from lbcheck.spelling import did_you_mean

ALB = "alb.ingress.kubernetes.io"
NLB = ("service.beta.kubernetes.io", "service.kubernetes.io")
INGRESS_NGINX = "nginx.ingress.kubernetes.io"
NGINX_INC = ("nginx.org", "nginx.com")
HAPROXY_INGRESS = "haproxy-ingress.github.io"
HAPROXY_TECH = ("haproxy.org", "haproxy.com")
SHARED = "ingress.kubernetes.io"
"""both HAProxy controllers read it, and old releases of others did"""


class Purpose(Enum):
    """What somebody wants of a setting."""

    IDLE = "idle"
    CHECK = "check"
    STICKINESS = "stickiness"
    DRAIN = "drain"
    UPGRADE = "upgrade"
    PROTOCOL = "protocol"


# Words that tell the purpose of a key; what is told by none of them is not lbcheck's business.
_PURPOSES = (
    (Purpose.CHECK, re.compile(r"health-?checks?\b|health-?path|healthz|success-?codes|threshold")),
    (Purpose.DRAIN, re.compile(r"deregistration|drain|shutdown|hard-stop|timeout-stop")),
    (
        Purpose.IDLE,
        re.compile(
            r"idle|\btunnel|\btime-?out-(?:tunnel|client|server|keep-alive|idle)\b|^time-?out$"
            r"|\b(?:read|send|proxy|stream|web-?sockets?|ws|socket|server|client|keep-?alive"
            r"|connection)-time-?out\b"
        ),
    ),
    (Purpose.UPGRADE, re.compile(r"web-?sockets?\b|upgrade|proxy-http-version")),
    (Purpose.STICKINESS, re.compile(r"sticky|stickiness|affinity|hash-by|cookie-persistence")),
)
_OTHERS = re.compile(r"auth|session-timeout|cookie-max-age|limit-|-fin\b|keepalive-requests")


def purpose(name: str) -> Purpose | None:
    """What a key is for, known or not: `proxy_read_timeout` is about idle time."""
    spelt = re.sub(r"[_.]", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name[:100])).lower()
    if _OTHERS.search(spelt):
        return None
    return next((wanted for wanted, words in _PURPOSES if words.search(spelt)), None)


_HEALTH_CHECK = (
    "healthcheck-port healthcheck-protocol healthcheck-path healthcheck-interval-seconds"
    " healthcheck-timeout-seconds healthy-threshold-count unhealthy-threshold-count success-codes"
)
ALB_ON_SERVICE = frozenset(
    f"{_HEALTH_CHECK} tags target-type backend-protocol backend-protocol-version"
    " target-group-attributes auth-type auth-idp-cognito auth-idp-oidc"
    " auth-on-unauthenticated-request auth-scope auth-session-cookie auth-session-timeout"
    " target-node-labels multi-cluster-target-group target-control-port jwt-validation".split()
)
"""What the AWS Load Balancer Controller also reads of a Service behind an Ingress."""
ALB_ON_INGRESS = ALB_ON_SERVICE | frozenset(
    "load-balancer-name group.name group.order ip-address-type scheme subnets"
    " customer-owned-ipv4-pool load-balancer-attributes wafv2-acl-arn wafv2-acl-name waf-acl-id"
    " web-acl-id shield-advanced-protection security-groups listen-ports ssl-redirect"
    " inbound-cidrs certificate-arn ssl-policy manage-backend-security-group-rules"
    " mutual-authentication security-group-prefix-lists minimum-load-balancer-capacity"
    " ipam-ipv4-pool-id enable-frontend-nlb frontend-nlb-scheme frontend-nlb-subnets"
    " frontend-nlb-security-groups frontend-nlb-listener-port-mapping"
    " frontend-nlb-eip-allocations frontend-nlb-healthcheck-port"
    " frontend-nlb-healthcheck-protocol frontend-nlb-healthcheck-path"
    " frontend-nlb-healthcheck-interval-seconds frontend-nlb-healthcheck-timeout-seconds"
    " frontend-nlb-healthcheck-healthy-threshold-count"
    " frontend-nlb-healthcheck-unhealthy-threshold-count"
    " frontend-nlb-healthcheck-success-codes frontend-nlb-attributes frontend-nlb-tags"
    " use-regex-path-match create-acm-cert acm-pca-arn dry-run-plan".split()
)
ALB_FAMILIES = ("actions.", "conditions.", "transforms.", "listener-attributes.")

_NLB_HEALTH_CHECK = (
    "healthcheck-healthy-threshold healthcheck-unhealthy-threshold healthcheck-timeout"
    " healthcheck-interval healthcheck-protocol healthcheck-port healthcheck-path"
)
NLB_KEYS = frozenset(
    f"{_NLB_HEALTH_CHECK} type nlb-target-type name scheme internal proxy-protocol"
    " proxy-protocol-per-target-group ip-address-type access-log-enabled"
    " access-log-s3-bucket-name access-log-s3-bucket-prefix cross-zone-load-balancing-enabled"
    " ssl-cert ssl-ports ssl-negotiation-policy backend-protocol additional-resource-tags"
    " healthcheck-success-codes target-group-attributes subnets eip-allocations"
    " eip-allocations-discovery-tags private-ipv4-addresses ipv6-addresses alpn-policy"
    " target-node-labels attributes security-groups manage-backend-security-group-rules"
    " inbound-sg-rules-on-private-link-traffic security-group-prefix-lists"
    " multi-cluster-target-group enable-prefix-for-ipv6-source-nat source-nat-ipv6-prefixes"
    " minimum-load-balancer-capacity enable-icmp-for-path-mtu-discovery enable-tcp-udp-listener"
    " disable-nlb-sg quic-enabled-ports quic-enabled-containers".split()
)
"""What follows `aws-load-balancer-` on a Service whose load balancer is an NLB."""
NLB_FAMILIES = ("listener-attributes.", "target-group-attributes.")
CLASSIC_ONLY = frozenset(
    "connection-idle-timeout connection-draining-enabled connection-draining-timeout"
    " extra-security-groups access-log-emit-interval".split()
)
"""What only the in-tree provider reads, for classic load balancers."""

NGINX_KEYS = frozenset(
    "affinity affinity-canary-behavior affinity-mode allowlist-source-range app-root"
    " auth-always-set-cookie auth-cache-duration auth-cache-key auth-keepalive"
    " auth-keepalive-requests auth-keepalive-share-vars auth-keepalive-timeout auth-method"
    " auth-proxy-set-headers auth-realm auth-request-redirect auth-response-headers auth-secret"
    " auth-secret-type auth-signin auth-signin-redirect-param auth-snippet auth-tls-error-page"
    " auth-tls-match-cn auth-tls-pass-certificate-to-upstream auth-tls-secret"
    " auth-tls-verify-client auth-tls-verify-depth auth-type auth-url backend-protocol canary"
    " canary-by-cookie canary-by-header canary-by-header-pattern canary-by-header-value"
    " canary-weight canary-weight-total client-body-buffer-size configuration-snippet"
    " connection-proxy-header cors-allow-credentials cors-allow-headers cors-allow-methods"
    " cors-allow-origin cors-expose-headers cors-max-age custom-headers custom-http-errors"
    " default-backend denylist-source-range disable-proxy-intercept-errors enable-access-log"
    " enable-cors enable-global-auth enable-modsecurity enable-opentelemetry"
    " enable-owasp-core-rules enable-rewrite-log fastcgi-index fastcgi-params-configmap"
    " force-ssl-redirect from-to-www-redirect http2-push-preload limit-allowlist"
    " limit-burst-multiplier limit-connections limit-rate limit-rate-after limit-rpm limit-rps"
    " load-balance mirror-host mirror-request-body mirror-target modsecurity-snippet"
    " modsecurity-transaction-id opentelemetry-operation-name opentelemetry-trust-incoming-span"
    " permanent-redirect permanent-redirect-code preserve-trailing-slash proxy-body-size"
    " proxy-buffer-size proxy-buffering proxy-buffers-number proxy-busy-buffers-size"
    " proxy-connect-timeout proxy-cookie-domain proxy-cookie-path proxy-http-version"
    " proxy-max-temp-file-size proxy-next-upstream proxy-next-upstream-timeout"
    " proxy-next-upstream-tries proxy-read-timeout proxy-redirect-from proxy-redirect-to"
    " proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers proxy-ssl-name"
    " proxy-ssl-protocols proxy-ssl-secret proxy-ssl-server-name proxy-ssl-verify"
    " proxy-ssl-verify-depth relative-redirects rewrite-target satisfy server-alias"
    " server-snippet service-upstream session-cookie-change-on-failure"
    " session-cookie-conditional-samesite-none session-cookie-domain session-cookie-expires"
    " session-cookie-hash session-cookie-max-age session-cookie-name session-cookie-partitioned"
    " session-cookie-path session-cookie-samesite session-cookie-secure ssl-ciphers"
    " ssl-passthrough ssl-prefer-server-ciphers ssl-redirect stream-snippet temporal-redirect"
    " temporal-redirect-code upstream-hash-by upstream-hash-by-subset"
    " upstream-hash-by-subset-size upstream-vhost use-port-in-redirects use-regex"
    " x-forwarded-prefix".split()
)
NGINX_CONFIG_MAP = frozenset(
    "worker-shutdown-timeout worker-connections max-worker-connections keep-alive"
    " keep-alive-requests upstream-keepalive-timeout upstream-keepalive-connections"
    " upstream-keepalive-requests proxy-stream-timeout proxy-protocol-header-timeout"
    " client-header-timeout client-body-timeout retry-non-idempotent".split()
)
"""Keys of ingress-nginx's ConfigMap that are no annotations."""

NGINX_INC_KEYS = frozenset(
    "mergeable-ingress-type lb-method server-tokens server-snippets location-snippets"
    " proxy-connect-timeout proxy-read-timeout proxy-send-timeout proxy-hide-headers"
    " proxy-pass-headers proxy-set-headers client-max-body-size redirect-to-https"
    " http-redirect-code proxy-buffering proxy-buffers proxy-buffer-size proxy-busy-buffers-size"
    " proxy-max-temp-file-size upstream-zone-size hsts hsts-max-age hsts-include-subdomains"
    " hsts-behind-proxy basic-auth-secret basic-auth-realm listen-ports listen-ports-ssl keepalive"
    " max-fails max-conns fail-timeout path-regex use-cluster-ip rewrites rewrite-target"
    " app-root ssl-services grpc-services websocket-services sticky-cookie-services health-checks"
    " health-checks-mandatory health-checks-mandatory-queue slow-start jwt-realm jwt-key"
    " jwt-token jwt-login-url policies proxy-next-upstream proxy-next-upstream-timeout"
    " proxy-next-upstream-tries client-body-buffer-size ssl-ciphers ssl-prefer-server-ciphers"
    " internal-route".split()
)
NGINX_INC_ON_MINIONS = frozenset(
    "rewrites ssl-services grpc-services websocket-services sticky-cookie-services health-checks"
    " health-checks-mandatory health-checks-mandatory-queue use-cluster-ip".split()
)
"""What the controller drops from the master of mergeable Ingresses."""

_HAPROXY_GLOBAL = frozenset(
    "drain-support drain-support-redispatch load-server-state max-connections timeout-client"
    " timeout-client-fin timeout-stop close-sessions-duration worker-max-reloads"
    " master-exit-on-failure config-defaults config-global config-frontend".split()
)
"""Keys that count in haproxy-ingress's ConfigMap only."""
HAPROXY_INGRESS_KEYS = frozenset(
    "affinity agent-check-addr agent-check-interval agent-check-port agent-check-send"
    " backend-check-interval backend-protocol balance-algorithm config-backend"
    " health-check-addr health-check-fall-count health-check-interval health-check-port"
    " health-check-rise-count health-check-uri headers initial-weight limit-connections"
    " maxconn-server maxqueue-server proxy-body-size session-cookie-dynamic"
    " session-cookie-domain session-cookie-keywords session-cookie-name"
    " session-cookie-preserve session-cookie-same-site session-cookie-shared"
    " session-cookie-strategy session-cookie-value-strategy slots-min-free timeout-connect"
    " timeout-http-request timeout-keep-alive timeout-queue timeout-server timeout-server-fin"
    " timeout-tunnel use-htx".split()
)
_HAPROXY_TECH_GLOBAL = frozenset(
    "hard-stop-after timeout-client timeout-client-fin timeout-connect timeout-http-request"
    " timeout-http-keep-alive timeout-queue timeout-server-fin timeout-tunnel maxconn".split()
)
"""Keys that count in the ConfigMap of HAProxy Technologies' controller only."""
HAPROXY_TECH_KEYS = frozenset(
    "check check-http check-interval cookie-persistence cookie-persistence-no-dynamic"
    " load-balance backend-config-snippet timeout-check timeout-server pod-maxconn".split()
)
CONFIG_MAP_ONLY = {
    HAPROXY_INGRESS: _HAPROXY_GLOBAL,
    "haproxy.org": _HAPROXY_TECH_GLOBAL,
    INGRESS_NGINX: NGINX_CONFIG_MAP,
}

BALANCER_ATTRIBUTES = frozenset(
    "access_logs.s3.enabled access_logs.s3.bucket access_logs.s3.prefix"
    " connection_logs.s3.enabled connection_logs.s3.bucket connection_logs.s3.prefix"
    " client_keep_alive.seconds deletion_protection.enabled idle_timeout.timeout_seconds"
    " ipv6.deny_all_igw_traffic load_balancing.cross_zone.enabled waf.fail_open.enabled"
    " zonal_shift.config.enabled dns_record.client_routing_policy".split()
)
GROUP_ATTRIBUTES = frozenset(
    "deregistration_delay.timeout_seconds deregistration_delay.connection_termination.enabled"
    " stickiness.enabled stickiness.type stickiness.lb_cookie.duration_seconds"
    " stickiness.app_cookie.cookie_name stickiness.app_cookie.duration_seconds"
    " load_balancing.algorithm.type load_balancing.algorithm.anomaly_mitigation"
    " load_balancing.cross_zone.enabled slow_start.duration_seconds preserve_client_ip.enabled"
    " proxy_protocol_v2.enabled lambda.multi_value_headers.enabled".split()
)
"""AWS's own keys, of which those are told that are about what a WebSocket needs."""

ATTRIBUTE_LISTS = {
    "load-balancer-attributes": ("target-group-attributes", BALANCER_ATTRIBUTES),
    "target-group-attributes": ("load-balancer-attributes", GROUP_ATTRIBUTES),
}
"""The annotations that list attributes, the other one, and what may stand there."""


def stray(name: str, key: str) -> bool:
    """Does a key of such a list mean something for WebSockets, and AWS does not know it there?"""
    return (
        name in ATTRIBUTE_LISTS and purpose(key) is not None and key not in ATTRIBUTE_LISTS[name][1]
    )


_INSTEAD = {
    (ALB, Purpose.IDLE): "load-balancer-attributes: idle_timeout.timeout_seconds={}",
    (ALB, Purpose.DRAIN): "target-group-attributes: deregistration_delay.timeout_seconds={}",
    (ALB, Purpose.STICKINESS): (
        "target-group-attributes: stickiness.enabled=true,stickiness.type=lb_cookie"
    ),
    (INGRESS_NGINX, Purpose.IDLE): 'proxy-read-timeout: "{}"',
    (NGINX_INC[0], Purpose.IDLE): 'proxy-read-timeout: "{}s"',
    (HAPROXY_INGRESS, Purpose.IDLE): 'timeout-tunnel: "{}s"',
}


def instead(prefix: str, name: str, value: str, known: frozenset[str]) -> str:
    """What was probably meant: "; did you mean ...?", or nothing."""
    wanted = purpose(name)
    if "=" in value or wanted is None:  # a list of attributes, or a key that is misspelt
        return did_you_mean(name, known)
    if wanted and (key := _INSTEAD.get((prefix, wanted))):
        number = re.match(r"\d{1,9}+", value)
        return f"; did you mean `{key.format(number[0] if number else 'N')}`?"
    same = [key for key in known if purpose(key) is wanted]
    return did_you_mean(name.replace("_", "-"), same)
