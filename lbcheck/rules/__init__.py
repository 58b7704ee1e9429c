"""Every rule, in code order. An explicit list: importing a rule registers nothing."""

from __future__ import annotations

from typing import Any

from lbcheck.rule import Rule
from lbcheck.rules.case_sensitive_upgrade_match import RULE as LB115
from lbcheck.rules.connection_header_not_forwarded import RULE as LB102
from lbcheck.rules.connection_map_broken import RULE as LB110
from lbcheck.rules.default_health_path import RULE as LB218
from lbcheck.rules.drain_never_ends import RULE as LB413
from lbcheck.rules.drain_too_short import RULE as LB412
from lbcheck.rules.expired_suppression import RULE as LB904
from lbcheck.rules.fail_open_active import RULE as LB403
from lbcheck.rules.failed_handshake_not_retried import RULE as LB410
from lbcheck.rules.handshake_header_altered import RULE as LB111
from lbcheck.rules.headers_on_unreached_location import RULE as LB106
from lbcheck.rules.health_check_accepts_errors import RULE as LB207
from lbcheck.rules.health_check_ineffective import RULE as LB202
from lbcheck.rules.health_check_on_websocket_path import RULE as LB205
from lbcheck.rules.health_check_overridden import RULE as LB203
from lbcheck.rules.health_endpoint_always_ok import RULE as LB213
from lbcheck.rules.host_not_forwarded import RULE as LB114
from lbcheck.rules.http10_upstream import RULE as LB103
from lbcheck.rules.http2_upstream import RULE as LB104
from lbcheck.rules.idle_timeout_below_heartbeat import RULE as LB301
from lbcheck.rules.idle_timeout_left_at_default import RULE as LB302
from lbcheck.rules.idle_timeout_too_long import RULE as LB307
from lbcheck.rules.impossible_health_status import RULE as LB208
from lbcheck.rules.incomplete_handshake_check import RULE as LB206
from lbcheck.rules.inherited_headers_dropped import RULE as LB105
from lbcheck.rules.no_health_check import RULE as LB201
from lbcheck.rules.not_audited import RULE as LB908
from lbcheck.rules.passive_health_disabled import RULE as LB214
from lbcheck.rules.persistence_to_dead_target import RULE as LB409
from lbcheck.rules.redirect_on_handshake import RULE as LB108
from lbcheck.rules.resolver_missing import RULE as LB419
from lbcheck.rules.route_to_draining_only import RULE as LB401
from lbcheck.rules.route_to_empty_pool import RULE as LB402
from lbcheck.rules.rule_crashed import RULE as LB902
from lbcheck.rules.shallow_health_check import RULE as LB204
from lbcheck.rules.slow_detection import RULE as LB210
from lbcheck.rules.stale_dns import RULE as LB418
from lbcheck.rules.stickiness_missing import RULE as LB501
from lbcheck.rules.sticky_to_draining import RULE as LB408
from lbcheck.rules.suppression_without_reason import RULE as LB905
from lbcheck.rules.target_cannot_websocket import RULE as LB117
from lbcheck.rules.timeout_ineffective import RULE as LB306
from lbcheck.rules.timeout_unit_missing import RULE as LB304
from lbcheck.rules.timeout_zero import RULE as LB305
from lbcheck.rules.tunnel_timeout_missing import RULE as LB303
from lbcheck.rules.unknown_rule import RULE as LB906
from lbcheck.rules.unreadable_source import RULE as LB901
from lbcheck.rules.unused_suppression import RULE as LB903
from lbcheck.rules.upgrade_header_not_forwarded import RULE as LB101
from lbcheck.rules.websocket_route_shadowed import RULE as LB107
from lbcheck.rules.weighted_route_to_dead_pool import RULE as LB405

ALL: tuple[Rule[Any], ...] = (
    LB101,
    LB102,
    LB103,
    LB104,
    LB105,
    LB106,
    LB107,
    LB108,
    LB110,
    LB111,
    LB114,
    LB115,
    LB117,
    LB201,
    LB202,
    LB203,
    LB204,
    LB205,
    LB206,
    LB207,
    LB208,
    LB210,
    LB213,
    LB214,
    LB218,
    LB301,
    LB302,
    LB303,
    LB304,
    LB305,
    LB306,
    LB307,
    LB401,
    LB402,
    LB403,
    LB405,
    LB408,
    LB409,
    LB410,
    LB412,
    LB413,
    LB418,
    LB419,
    LB501,
    LB901,
    LB902,
    LB903,
    LB904,
    LB905,
    LB906,
    LB908,
)
BY_CODE: dict[str, Rule[Any]] = {rule.code: rule for rule in ALL}
