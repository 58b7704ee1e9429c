"""How sure it is that a name or path means WebSockets.

Only words that mean WebSocket and little else count, and only as whole segments: `/ws` and
`chat-ws` do, `/news` and `/newsletter` do not. Words such as live, hub, stream or chat are
ambiguous (server-sent events, plain pages) and count only together with a second sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lbcheck.model import Belief, Level
from lbcheck.regex import regex

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
_TOPICS = frozenset(["websocket", "websockets", "socketio", "signalr", "sockjs"])
_PAGES = frozenset(
    ["articles", "blog", "docs", "guide", "guides", "learn", "tutorial", "tutorials", "wiki"]
)
"""Words of pages that tell about WebSockets and carry none."""
_SERVICES = frozenset(["asmx", "axis", "cxf", "jaxws", "rest", "soap", "wsdl", "xsd"])
"""Beside these `ws` means web services."""
_QUESTIONS = frozenset(
    ["health", "healthcheck", "healthz", "liveness", "livez", "metrics", "readiness", "readyz"]
)
"""A path that ends in one is asked by monitoring: `/ws/health` answers a GET."""
STREAMING = frozenset(
    ["event", "events", "feed", "live", "notifications", "push", "stream", "streaming"]
)
"""Ambiguous words that mean server-sent events or video as often: these want long timeouts too."""

_BOUNDARY = regex(r"[^A-Za-z0-9]++|(?<=[a-z])(?=[A-Z])")
_JOINED = regex(
    r"(?i)(?:web[\\._-]{0,2}socket|socket[\\._-]{0,2}io|engine[\\._-]{1,2}io|real[._-]?time|"
    r"graphql(?:[._-]?ws)?|action[._-]?cable|sockjs|signalr|webpack[._-]?hmr)"
)
_PUNCTUATION = regex(r"[\\._-]++")
_FILES = (".css", ".htm", ".html", ".js", ".mjs", ".png", ".svg")

_HINT = regex(
    "|".join(
        sorted({"engine", "hmr", "real", *(_STRONG | _AMBIGUOUS) - {"engineio", "webpackhmr"}})
    )
)


def hints(text: str) -> bool:
    """Quickly: may any word of a text mean WebSocket? False is sure, True is not."""
    return _HINT.search(text.lower()) is not None


def tokens(text: str) -> list[str]:
    """The words of a path, host or name, lower-case: `/socket.io/v2` -> ["socketio", "v2"].

    Names in camel case have several (`chatWebSocket` -> ["chat", "websocket"]), and what stands
    for one word is one (`web-socket`, and in a regular expression `socket\\.io`).
    """
    return [word.lower() for word in _BOUNDARY.split(_JOINED.sub(_one_word, text)) if word]


def _one_word(match: re.Match[str]) -> str:
    word = _PUNCTUATION.sub("", match[0]).lower()
    return f" {word}" if match[0][0].isupper() else word


def strong_word(text: str) -> str | None:
    """The first word that means WebSocket and little else, or None.

    Scripts (`/socket.io.js`), pages about WebSockets, web services (`/ws/soap`) and health checks
    (`/ws/health`) are none.
    """
    if not hints(text):
        return None
    words = tokens(text)
    found = next((word for word in map(_unnumbered, words) if word in _STRONG), None)
    if found is None or _is_file(text):
        return None
    if words[-1] in _QUESTIONS or (found in _TOPICS and not _PAGES.isdisjoint(words)):
        return None
    return None if found == "ws" and not _SERVICES.isdisjoint(map(_unnumbered, words)) else found


def ambiguous_word(text: str) -> str | None:
    """The first word that may mean WebSocket, or None."""
    if not hints(text) or _is_file(text):
        return None
    return next((word for word in map(_unnumbered, tokens(text)) if word in _AMBIGUOUS), None)


def _is_file(text: str) -> bool:
    """Does a path, or an expression for it, end as the name of a file does?"""
    return text.removesuffix("$").removesuffix(")").endswith(_FILES)


def may_stream(texts: Iterable[str]) -> bool:
    """Do the ambiguous words of some names mean server-sent events or video as well?"""
    return all(ambiguous_word(text) in STREAMING for text in texts if ambiguous_word(text))


def _unnumbered(word: str) -> str:
    """`websocket2` is a numbered node; `ws1` is left alone, for many web servers are called so."""
    stem = word.rstrip("0123456789")
    return stem if len(stem) > 3 else word


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
