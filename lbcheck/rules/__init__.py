"""Every rule, in code order. An explicit list: importing a rule registers nothing."""

from __future__ import annotations

from typing import Any

from lbcheck.rule import Rule
from lbcheck.rules.case_sensitive_upgrade_match import RULE as LB115
from lbcheck.rules.connection_header_not_forwarded import RULE as LB102
from lbcheck.rules.connection_map_broken import RULE as LB110
from lbcheck.rules.handshake_header_altered import RULE as LB111
from lbcheck.rules.headers_on_unreached_location import RULE as LB106
from lbcheck.rules.host_not_forwarded import RULE as LB114
from lbcheck.rules.http10_upstream import RULE as LB103
from lbcheck.rules.http2_upstream import RULE as LB104
from lbcheck.rules.idle_timeout_below_heartbeat import RULE as LB301
from lbcheck.rules.idle_timeout_left_at_default import RULE as LB302
from lbcheck.rules.idle_timeout_too_long import RULE as LB307
from lbcheck.rules.inherited_headers_dropped import RULE as LB105
from lbcheck.rules.redirect_on_handshake import RULE as LB108
from lbcheck.rules.target_cannot_websocket import RULE as LB117
from lbcheck.rules.timeout_ineffective import RULE as LB306
from lbcheck.rules.timeout_unit_missing import RULE as LB304
from lbcheck.rules.timeout_zero import RULE as LB305
from lbcheck.rules.tunnel_timeout_missing import RULE as LB303
from lbcheck.rules.upgrade_header_not_forwarded import RULE as LB101
from lbcheck.rules.websocket_route_shadowed import RULE as LB107

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
    LB301,
    LB302,
    LB303,
    LB304,
    LB305,
    LB306,
    LB307,
)
BY_CODE: dict[str, Rule[Any]] = {rule.code: rule for rule in ALL}
