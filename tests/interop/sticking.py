"""What a client sees whose session began at another target."""

from __future__ import annotations

import re

from lbcheck.probe.handshake import Request
from lbcheck.probe.live import Prober
from tests.interop.serving import serving
from tests.interop.stacks import Stack

_POLLING = "/socket.io/?EIO=4&transport=polling"


def symptom(stack: Stack, prober: Prober) -> str | None:
    """Status and body of Engine.IO's second request where it reaches a second server.

    None: the server knows no sessions that begin before the WebSocket.
    """
    if not stack.engine_io:
        return None
    with serving(stack, graceful=False) as first, serving(stack, graceful=False) as second:
        begun = prober.ask(first.url(_POLLING), Request())
        found = re.search(r'"sid":"([\w-]+)"', begun.body)
        if found is None:
            return f"{begun.status} {begun.body}"
        answer = prober.ask(second.url(f"{_POLLING}&sid={found[1]}"), Request())
    return f"{answer.status} {answer.body}"
