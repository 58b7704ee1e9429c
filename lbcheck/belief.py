"""How sure it is that a name or path means WebSockets.

Only words that mean WebSocket and little else count, and only as whole segments: `/ws` and
`chat-ws` do, `/news` and `/newsletter` do not. Words such as live, hub, stream or chat are
ambiguous (server-sent events, plain pages) and count only together with a second sign.
"""

from __future__ import annotations

import re

from lbcheck.model import Belief, Level

_STRONG = frozenset(
    [
        "ws",
        "wss",
        "websocket",
        "websockets",
        "socketio",
        "sockjs",
        "signalr",
        "actioncable",
        "cable",
        "graphqlws",
        "websockify",
        "engineio",
        "wsapp",
        "wsapi",
        "webpackhmr",
    ]
)
_AMBIGUOUS = frozenset(
    [
        "live",
        "hub",
        "hubs",
        "stream",
        "streaming",
        "events",
        "event",
        "chat",
        "socket",
        "sockets",
        "realtime",
        "graphql",
        "notifications",
        "push",
        "rt",
        "feed",
        "subscriptions",
        "mqtt",
        "stomp",
        "primus",
        "centrifugo",
        "kernels",
        "terminals",
    ]
)
_SEPARATOR = re.compile(r"[^A-Za-z0-9]++")
_JOINED = re.compile(
    r"(?i)(socket[._-]io|engine[._-]io|graphql[._-]ws|action[._-]cable|sockjs[._-]node|webpack[._-]hmr)"
)

_HINT = re.compile(
    "|".join(sorted({"engine", "hmr", *(_STRONG | _AMBIGUOUS) - {"engineio", "webpackhmr"}}))
)


def hints(text: str) -> bool:
    """Quickly: may any word of a text mean WebSocket? False is sure, True is not."""
    return _HINT.search(text.lower()) is not None


def tokens(text: str) -> list[str]:
    """The words of a path, host or name, lower-case: `/socket.io/v2` -> ["socketio", "v2"]."""
    joined = _JOINED.sub(lambda match: re.sub(r"[._-]", "", match[0]), text)
    return [word.lower() for word in _SEPARATOR.split(joined) if word]


def strong_word(text: str) -> str | None:
    """The first word that means WebSocket and little else, or None."""
    return next((word for word in tokens(text) if word in _STRONG), None)


def ambiguous_word(text: str) -> str | None:
    """The first word that may mean WebSocket, or None."""
    return next((word for word in tokens(text) if word in _AMBIGUOUS), None)


def by_names(path: str, *names: str, second_sign: str | None = None) -> Belief:
    """Belief from a path (or host) and the names around it (upstream, ACL, backend, server).

    `second_sign` is other evidence ("a read timeout of 1h") that makes an ambiguous word likely.
    """
    for text in (path, *names):
        if word := strong_word(text):
            return Belief(Level.LIKELY, f"`{text}` names `{word}`")
    if second_sign:
        for text in (path, *names):
            if word := ambiguous_word(text):
                return Belief(Level.LIKELY, f"`{text}` names `{word}`, and {second_sign}")
    return Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")
