"""A state folder, a configuration to spoil and to mend, and the command as cron calls it."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.history.hook import Hook, serving

START = 1_795_000_000
QUARTER = 900

GOOD = """\
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
upstream chat { server 10.0.0.1:8080; server 10.0.0.2:8080; }
server {
    listen 8080;
    location /ws/ {
        proxy_pass http://chat;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 90s;
    }
}
"""
BAD = GOOD.replace("90s", "5s")
BROKEN = BAD.rstrip()[:-1]


ONLY = ("--ignore", "LB413")
JUDGED = (*ONLY, "--param", "heartbeat.sender=server", "--param", "heartbeat.interval_s=25")


class Run:
    """What a run said."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def lines(self) -> list[str]:
        """State, severity and rule of each finding that is told."""
        states = ("new", "worse", "fixed", "reopened", "open")
        words = (line.split() for line in self.out.splitlines())
        return [" ".join(word[:2]) for word in words if word and word[0] in states]


Report = Callable[..., Run]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with serving() as server:
        yield server


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "conf").mkdir()
    return tmp_path


@pytest.fixture
def report(home: pathlib.Path) -> Report:
    """`lbcheck report conf` at a moment, seconds after START."""

    def call(
        *arguments: str, at: float = 0, wrapper: str = "", env: dict[str, str] | None = None
    ) -> Run:
        command = [sys.executable, *([wrapper] if wrapper else ["-m", "lbcheck"]), "report"]
        named = any(not argument.startswith("-") for argument in arguments[:1])
        paths = [] if named else ["conf"]
        judged = ONLY if "--profile" in arguments else JUDGED
        when = ("--state", "state", "--now", str(START + int(at)))
        done = subprocess.run(
            [*command, *paths, *arguments, *judged, *when],
            cwd=home,
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(home), **(env or {})},
            timeout=60,
        )
        return Run(done)

    return call
