"""What AWS's reason for an unhealthy target says about the health check, for rules on such targets.

Reason codes: API reference, `TargetHealth`. That WebSocket endpoints answer a plain request with
426 or 400 is measured (`lbcheck profiles show`, `handshake.plain_get_status`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lbcheck.model import State, Target

_CODES = re.compile(r"\[([0-9][0-9, ]{2,60})\]")
_ANSWERS = {
    426: "the check asks a WebSocket endpoint without upgrading; ask a health path instead",
    400: "WebSocket endpoints answer a plain request so; ask a health path instead",
    401: "the health path asks for a login",
    403: "the health path is forbidden to the load balancer: a login, or the Host it sends",
    404: "the health path does not exist on the target, or not for the Host that the check sends",
    405: "the health path does not answer GET",
    502: "the target's own proxy reaches nothing behind it",
    503: "the target itself says that it takes no traffic",
}
_REDIRECTS = "the health path redirects; ask where it leads to"
_REASONS = {
    "Target.Timeout": "nothing answers in time: the port, a security group, or a hung process",
    "Target.FailedHealthChecks": "no valid answer: the port, HTTP against HTTPS, or a process that"
    " closes the connection",
    "Target.InvalidState": "the instance is stopped or terminated",
    "Target.IpUnusable": "the address is the load balancer's own, or cannot be a target",
}


def explained(targets: Iterable[Target]) -> tuple[str, ...]:
    """A sentence for each distinct reason of the unhealthy targets that says something exact."""
    found = (_said(target.reason) for target in targets if target.state is State.UNHEALTHY)
    return tuple(dict.fromkeys(text for text in found if text))


def _said(reason: str) -> str | None:
    code = reason.partition(":")[0]
    listed = _CODES.search(reason)
    if code != "Target.ResponseCodeMismatch" or listed is None:
        meaning = _REASONS.get(code)
        return f"{code}: {meaning}" if meaning else None
    status = listed[1].replace(",", " ").split()[0]
    number = int(status) if len(status) == 3 else 0
    meaning = _REDIRECTS if 300 <= number < 400 else _ANSWERS.get(number)
    return f"the check is answered {number}: {meaning}" if meaning else None
