"""Every rule, in code order. An explicit list: importing a rule registers nothing."""

from __future__ import annotations

from typing import Any

from lbcheck.rule import Rule
from lbcheck.rules.idle_timeout_below_heartbeat import RULE as LB301

ALL: tuple[Rule[Any], ...] = (LB301,)
BY_CODE: dict[str, Rule[Any]] = {rule.code: rule for rule in ALL}
