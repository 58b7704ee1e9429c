"""Hand-built reports for the reporters' tests."""

from __future__ import annotations

from lbcheck.audit import Report
from lbcheck.finding import Confidence, Edit, Finding, Fix, Location, Related, Severity
from lbcheck.model import Source, Span, Trouble
from lbcheck.profile import Profile
from lbcheck.suppress import Suppressed, Suppression

CHAT = """\
server {
    location / { return 404; }

  location /ws/ {
      proxy_pass http://chat;
      proxy_read_timeout 10s;
  }
}
"""


def source(text: str | None = CHAT, name: str = "edge/chat.conf", kind: str = "nginx") -> Source:
    return Source(name, kind, text)


def location(where: Source, words: str) -> Location:
    """The place of some words in a source's text."""
    start = (where.text or "").index(words)
    line, column = where.position(start)
    end_line, end_column = where.position(start + len(words))
    return Location(where, line, column, end_line, end_column)


def finding(place: Location, **changes: object) -> Finding:
    values: dict[str, object] = {
        "code": "LB301",
        "name": "idle-timeout-below-heartbeat",
        "family": "idle",
        "severity": Severity.ERROR,
        "confidence": Confidence.CERTAIN,
        "message": "cuts after 10s of silence; the next ping comes after 25s",
        "location": place,
        "address": "http/server[chat.example]/location[/ws/]",
        "evidence": "Upgrade headers are forwarded",
        "fingerprint": "0123456789abcdef",
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def report(*findings: Finding, **changes: object) -> Report:
    values: dict[str, object] = {
        "findings": findings,
        "suppressed": (),
        "sources": tuple({id(f.location.source): f.location.source for f in findings}.values()),
        "profile": Profile(),
        "exit_code": 1 if findings else 0,
        "complete": True,
    }
    return Report(**(values | changes))  # type: ignore[arg-type]


def chat(**changes: object) -> Finding:
    """The finding of the design: a read timeout below the heartbeat, with a safe fix."""
    where = source()
    words = "proxy_read_timeout 10s;"
    start = CHAT.index(words)
    fix = Fix(
        "proxy_read_timeout 60s;",
        safe=True,
        edits=(Edit(where, start, start + len(words), "proxy_read_timeout 60s;"),),
    )
    values: dict[str, object] = {
        "fix": fix,
        "notes": ("profile socketio-v4: the server pings every 25s",),
    }
    return finding(location(where, words), **(values | changes))


def resource(**changes: object) -> Finding:
    """A finding in a live account: no text, an ARN."""
    account = source(None, "aws:eu-west-1", "aws")
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chat/0123"
    values: dict[str, object] = {
        "code": "LB401",
        "name": "route-to-draining-only",
        "message": "every target of `chat` is draining: new connections have nowhere to go",
        "address": "alb/chat/https:443/default",
    }
    return finding(Location(account, resource=arn), **(values | changes))


def silenced(until: str | None = None) -> Suppressed:
    item = chat()
    here = Span(item.location.source, 0, 1)
    return Suppressed(item, Suppression(here, 1, ("LB301",), 1, 1, "drained by hand", until))


def unread() -> Source:
    broken = source("", "edge/broken.conf")
    broken.unread = True
    broken.troubles.append(Trouble("cannot be read: Permission denied", remedy="check it"))
    return broken


def related(place: Location, message: str) -> Related:
    return Related(place, message)
