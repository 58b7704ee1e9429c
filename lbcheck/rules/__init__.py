"""Every rule, in code order. An explicit list: importing a rule registers nothing.

A rule is imported when it is first asked for, so that the audit of an nginx file does not pay for
the rules, the texts and the examples of HAProxy and AWS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lbcheck.rule import Rule

# Code, module, and the vendors it speaks of (a test holds the rules to it).
_RULES = (
    ("LB101", "upgrade_header_not_forwarded", "nginx haproxy"),
    ("LB102", "connection_header_not_forwarded", "nginx haproxy"),
    ("LB103", "http10_upstream", "nginx"),
    ("LB104", "http2_upstream", "nginx haproxy aws"),
    ("LB105", "inherited_headers_dropped", "nginx"),
    ("LB106", "headers_on_unreached_location", "nginx"),
    ("LB107", "websocket_route_shadowed", "nginx haproxy aws"),
    ("LB108", "redirect_on_handshake", "nginx haproxy aws"),
    ("LB109", "hardcoded_upgrade", "nginx haproxy"),
    ("LB110", "connection_map_broken", "nginx"),
    ("LB111", "handshake_header_altered", "nginx haproxy"),
    ("LB112", "websocket_scheme_in_target_url", "nginx"),
    ("LB113", "plaintext_http2_listener", "nginx"),
    ("LB114", "host_not_forwarded", "nginx"),
    ("LB115", "case_sensitive_upgrade_match", "haproxy"),
    ("LB116", "http2_websocket_missed", "haproxy"),
    ("LB117", "target_cannot_websocket", "aws"),
    ("LB118", "authentication_on_handshake", "nginx aws"),
    ("LB119", "keepalive_defeated", "nginx"),
    ("LB120", "any_protocol_upgraded", "nginx"),
    ("LB201", "no_health_check", "haproxy aws"),
    ("LB202", "health_check_ineffective", "nginx haproxy aws"),
    ("LB203", "health_check_overridden", "haproxy"),
    ("LB204", "shallow_health_check", "haproxy aws"),
    ("LB205", "health_check_on_websocket_path", "nginx haproxy aws"),
    ("LB206", "incomplete_handshake_check", "haproxy"),
    ("LB207", "health_check_accepts_errors", "haproxy aws"),
    ("LB208", "impossible_health_status", "aws"),
    ("LB209", "health_check_elsewhere", "haproxy aws"),
    ("LB210", "slow_detection", "haproxy aws"),
    ("LB211", "slow_recovery", "haproxy aws"),
    ("LB212", "health_check_timing_invalid", "aws"),
    ("LB213", "health_endpoint_always_ok", "nginx"),
    ("LB214", "passive_health_disabled", "nginx"),
    ("LB215", "passive_health_per_worker", "nginx"),
    ("LB216", "agent_check_only", "haproxy"),
    ("LB217", "check_parameters_without_check", "haproxy"),
    ("LB218", "default_health_path", "haproxy aws"),
    ("LB219", "down_until_checked", "haproxy"),
    ("LB220", "dead_target_stalls_handshakes", "nginx"),
    ("LB221", "active_check_incomplete", "nginx"),
    ("LB222", "health_check_without_host", "haproxy"),
    ("LB301", "idle_timeout_below_heartbeat", "nginx haproxy aws"),
    ("LB302", "idle_timeout_left_at_default", "nginx aws"),
    ("LB303", "tunnel_timeout_missing", "haproxy"),
    ("LB304", "timeout_unit_missing", "haproxy"),
    ("LB305", "timeout_zero", "nginx haproxy"),
    ("LB306", "timeout_ineffective", "nginx haproxy aws"),
    ("LB307", "idle_timeout_too_long", "nginx haproxy aws"),
    ("LB308", "one_way_traffic_cut", "haproxy"),
    ("LB309", "half_close_timeout_ineffective", "haproxy"),
    ("LB310", "handshake_timeout_too_short", "nginx haproxy"),
    ("LB311", "no_tcp_keepalive", "nginx haproxy"),
    ("LB401", "route_to_draining_only", "nginx haproxy aws"),
    ("LB402", "route_to_empty_pool", "haproxy aws"),
    ("LB403", "fail_open_active", "aws"),
    ("LB404", "fail_open_threshold", "aws"),
    ("LB405", "weighted_route_to_dead_pool", "aws"),
    ("LB406", "draining_elsewhere", "aws"),
    ("LB407", "target_terminating", "aws"),
    ("LB408", "sticky_to_draining", "nginx haproxy"),
    ("LB409", "persistence_to_dead_target", "haproxy"),
    ("LB410", "failed_handshake_not_retried", "nginx haproxy"),
    ("LB411", "draining_capacity", "aws"),
    ("LB412", "drain_too_short", "nginx haproxy aws"),
    ("LB413", "drain_never_ends", "nginx haproxy aws"),
    ("LB414", "unhealthy_target_keeps_sockets", "haproxy"),
    ("LB415", "mass_close_on_unhealthy", "haproxy aws"),
    ("LB416", "drain_lost_on_reload", "haproxy"),
    ("LB417", "unusable_backup", "haproxy"),
    ("LB418", "stale_dns", "nginx haproxy"),
    ("LB419", "resolver_missing", "nginx"),
    ("LB420", "drain_unsupported", "nginx"),
    ("LB421", "deployment_outpaces_drain", "nginx haproxy aws"),
    ("LB422", "draining_too_long", "aws"),
    ("LB423", "blue_green_mid_swap", "aws"),
    ("LB424", "no_fallback_for_dead_pool", "haproxy"),
    ("LB425", "leftover_drained_target", "haproxy"),
    ("LB426", "reload_cuts_gracelessly", "haproxy"),
    ("LB501", "stickiness_missing", "nginx haproxy aws"),
    ("LB502", "stickiness_broken", "nginx haproxy aws"),
    ("LB503", "affinity_by_proxy_address", "nginx"),
    ("LB504", "rebalance_churn", "haproxy"),
    ("LB505", "connection_limit_too_small", "nginx haproxy"),
    ("LB506", "upstream_tls_without_sni", "nginx"),
    ("LB507", "balance_order_ignored", "nginx"),
    ("LB508", "invalid_attribute", "aws"),
    ("LB509", "wrong_mode", "haproxy"),
    ("LB510", "setting_ignored", "nginx haproxy aws"),
    ("LB606", "internal_loop_timeout", "haproxy"),
    ("LB701", "handshake_refused", ""),
    ("LB702", "handshake_incorrect", ""),
    ("LB703", "health_check_disagrees", ""),
    ("LB704", "idle_cut_observed", ""),
    ("LB705", "heartbeat_lost", ""),
    ("LB706", "reconnect_lands_on_draining", ""),
    ("LB707", "closed_without_frame", ""),
    ("LB708", "health_endpoint_cannot_fail", ""),
    ("LB709", "stickiness_broken_live", ""),
    ("LB710", "plain_request_accepted", ""),
    ("LB711", "origin_unchecked", ""),
    ("LB712", "clients_stay_away", ""),
    ("LB901", "unreadable_source", ""),
    ("LB902", "rule_crashed", ""),
    ("LB903", "unused_suppression", ""),
    ("LB904", "expired_suppression", ""),
    ("LB905", "suppression_without_reason", ""),
    ("LB906", "unknown_rule", ""),
    ("LB907", "stale_baseline", ""),
    ("LB908", "not_audited", ""),
)
# What they say of a topology as a whole holds without any WebSocket (a test holds them to it).
_ABOUT_EVERYTHING = ("LB418", "LB508")


class _Rules(Mapping[str, Rule[Any]]):
    """Rules by code, in code order."""

    def __init__(self) -> None:
        self._modules = {code: module for code, module, _ in _RULES}

    def __getitem__(self, code: str) -> Rule[Any]:
        rule = import_module(f"lbcheck.rules.{self._modules[code]}").RULE
        assert isinstance(rule, Rule)
        return rule

    def __contains__(self, code: object) -> bool:
        return code in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


BY_CODE: Mapping[str, Rule[Any]] = _Rules()

if TYPE_CHECKING:
    ALL: tuple[Rule[Any], ...]
else:

    def __getattr__(name: str) -> Any:
        """`ALL`, when it is first asked for (PEP 562)."""
        if name != "ALL":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = tuple(BY_CODE.values())
        return globals()[name]


def speaking_of(
    vendors: Collection[str], believed: Collection[str] | None = None
) -> Iterator[Rule[Any]]:
    """The rules about some vendors, in code order; not those without a check: what a
    probe saw (LB7xx), and what lbcheck says of itself (LB9xx).

    Args:
        vendors: names such as "nginx", which are the kinds of sources as well.
        believed: those of them that may carry WebSockets; of the others only rules about
            everything are of use, and no other is imported. None: all of them.
    """
    asked = vendors if believed is None else believed
    for code, _, spoken_of in _RULES:
        wanted = vendors if code in _ABOUT_EVERYTHING else asked
        if any(vendor in spoken_of.split() for vendor in wanted):
            yield BY_CODE[code]
