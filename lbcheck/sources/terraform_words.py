"""What Terraform calls the settings of AWS, and what it takes where nothing is written."""

from __future__ import annotations

GROUP_FIELDS = {
    "port": "Port",
    "protocol": "Protocol",
    "protocol_version": "ProtocolVersion",
    "target_type": "TargetType",
    "target_control_port": "TargetControlPort",
}
CHECK_FIELDS = {
    "enabled": "HealthCheckEnabled",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
CHECK_DEFAULTS = {"HealthyThresholdCount": 3, "UnhealthyThresholdCount": 3}
"""Of a `health_check` block (AWS provider 5 and 6); without one AWS decides: 5 and 2."""
CHECK_PROTOCOL = "HTTP"
"""Likewise: a block without `protocol` makes an HTTP check, for a TCP group, too."""

GROUP_ATTRIBUTES = {
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "connection_termination": "deregistration_delay.connection_termination.enabled",
    "slow_start": "slow_start.duration_seconds",
    "load_balancing_algorithm_type": "load_balancing.algorithm.type",
    "load_balancing_anomaly_mitigation": "load_balancing.algorithm.anomaly_mitigation",
    "load_balancing_cross_zone_enabled": "load_balancing.cross_zone.enabled",
    "preserve_client_ip": "preserve_client_ip.enabled",
    "proxy_protocol_v2": "proxy_protocol_v2.enabled",
}
STICKINESS = {
    "type": "stickiness.type",
    "cookie_duration": "stickiness.lb_cookie.duration_seconds",
    "cookie_name": "stickiness.app_cookie.cookie_name",
}
UNHEALTHY = {
    "enable_unhealthy_connection_termination": (
        "target_health_state.unhealthy.connection_termination.enabled"
    ),
    "unhealthy_draining_interval": "target_health_state.unhealthy.draining_interval_seconds",
}
GROUP_HEALTH = {
    "minimum_healthy_targets_count": "minimum_healthy_targets.count",
    "minimum_healthy_targets_percentage": "minimum_healthy_targets.percentage",
}
BALANCER_ATTRIBUTES = {
    "idle_timeout": "idle_timeout.timeout_seconds",
    "client_keep_alive": "client_keep_alive.seconds",
}
LISTENER_ATTRIBUTES = {"tcp_idle_timeout_seconds": "tcp.idle_timeout.seconds"}


def _words() -> dict[str, str]:
    words = {aws: own for own, aws in GROUP_FIELDS.items()}
    words |= {aws: f"health_check.{own}" for own, aws in CHECK_FIELDS.items()}
    words["Matcher.HttpCode"] = "health_check.matcher"
    for table in (GROUP_ATTRIBUTES, BALANCER_ATTRIBUTES, LISTENER_ATTRIBUTES):
        words |= {aws: own for own, aws in table.items()}
    words |= {aws: f"stickiness.{own}" for own, aws in STICKINESS.items()}
    words |= {aws: f"target_health_state.{own}" for own, aws in UNHEALTHY.items()}
    for part in ("dns_failover", "unhealthy_state_routing"):
        for own, aws in GROUP_HEALTH.items():
            words[f"target_group_health.{part}.{aws}"] = f"target_group_health.{part}.{own}"
    words |= {"stickiness.enabled": "stickiness.enabled", "StatusCode": "status_code"}
    words |= {"Weight": "weight", "Target": "health_check.target", "Protocol": "protocol"}
    words |= {"Interval": "health_check.interval", "Timeout": "health_check.timeout"}
    words |= {"ConnectionSettings.IdleTimeout": "idle_timeout"}
    words |= {"ConnectionDraining.Enabled": "connection_draining"}
    words |= {"ConnectionDraining.Timeout": "connection_draining_timeout"}
    words |= {"HealthyThreshold": "health_check.healthy_threshold"}
    words |= {"healthCheckGracePeriodSeconds": "health_check_grace_period_seconds"}
    words |= {"minimumHealthyPercent": "deployment_minimum_healthy_percent"}
    words |= {"HealthCheckType": "health_check_type"}
    return words | {"UnhealthyThreshold": "health_check.unhealthy_threshold"}


WORDS = _words()
