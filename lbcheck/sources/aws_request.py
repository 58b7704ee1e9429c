"""Whom to ask at AWS, with which credentials, how fast, and for what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from lbcheck.model import Declared, Level
from lbcheck.sources.aws_rate import Rate

EVERY_REGION = "all"


class Progress(Protocol):
    """Told from several threads how many calls are to come and when one was made."""

    def expect(self, calls: int) -> None: ...

    def done(self) -> None: ...


class Silent:
    """Progress that nobody looks at."""

    def expect(self, calls: int) -> None:
        pass

    def done(self) -> None:
        pass


class Role(Struct, frozen=True):
    """A role to assume. `session_name` is what its account's audit log shows."""

    arn: str
    external_id: str | None = None
    session_name: str = "lbcheck"

    @property
    def account(self) -> str:
        """The account in `arn:aws:iam::111122223333:role/NAME`; "" where it is none."""
        parts = self.arn.split(":")
        return parts[4] if len(parts) > 5 else ""


class Scope(Struct, frozen=True):
    """Which answers are worth a call: those that a route reaches which is believed to at least
    `level`. `declared` says which paths carry WebSockets."""

    declared: Declared
    level: Level


class Request(Struct, frozen=True):
    """One account and region to ask. None: whatever the AWS configuration says.

    `region` may be "all"; `names` and `tags` choose load balancers (all of the tags must be there);
    `scope` None: everything is read, as a saved state needs it; `say` gets a line with the calls
    that are planned before they are made.
    """

    region: str | None = None
    profile: str | None = None
    role: Role | None = None
    endpoint_url: str | None = None
    names: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    rate: Rate = Rate()
    scope: Scope | None = None
    say: Callable[[str], None] | None = None
    progress: Progress = Silent()

    @property
    def where(self) -> str:
        """How people call it before its account is known."""
        who = self.role.account if self.role else self.profile
        return " ".join(part for part in ("aws", who, self.region) if part)
