"""Which instance answered: a header or a cookie of its 101, as the user names it."""

from __future__ import annotations

from msgspec import Struct

from lbcheck.probe.handshake import Answer

_LONGEST = 80


class Node(Struct, frozen=True):
    """How instances tell who they are. Without header and cookie they do not."""

    header: str | None = None
    cookie: str | None = None

    @property
    def told(self) -> bool:
        return self.header is not None or self.cookie is not None

    def of(self, answer: Answer) -> str | None:
        """The name of the instance that gave this answer; None: it did not tell."""
        if self.header is not None:
            for value in answer.values(self.header.lower())[:1]:
                return value.strip()[:_LONGEST] or None
        if self.cookie is not None:
            return cookies(answer).get(self.cookie, "")[:_LONGEST] or None
        return None


def cookies(answer: Answer) -> dict[str, str]:
    """The cookies that an answer sets, by name; their attributes are not looked at."""
    pairs = (value.partition(";")[0].partition("=") for value in answer.values("set-cookie"))
    found = {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
    return {name: value for name, value in found.items() if _sendable(name + value)}


def _sendable(text: str) -> bool:
    return text.isascii() and text.isprintable()
