"""Thirty days of cron, and a death at every step: nothing is lost, nothing is said twice, and
nothing unread is called fixed."""

import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from lbcheck.history.digest import Digest
from tests.history.conftest import BAD, GOOD, JUDGED, QUARTER, START
from tests.history.hook import Hook

HOURS = 3600
TOLD = re.compile(r"(?m)^(new|worse|fixed|reopened) +error\[LB301\] (?:\S*/)?(\w+)\.conf:")
RUN = re.compile(r"(?m)^run (\d+), \S+(.*)$")
SCRIPT = pathlib.Path(__file__).parent / "cron.py"


class Cron:
    """Runs in processes of their own, one after the other or at once."""

    def __init__(self, home: pathlib.Path, hook: Hook) -> None:
        self.home = home
        held = f"http://127.0.0.1:{hook.server_port}/S3CRET"
        self._server = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "HOME": str(home), "HOOK": held},
        )

    def run(self, at: float, *, times: int = 1, **fault: Any) -> list[dict[str, Any]]:
        when = ["--now", str(START + int(at)), "--state", "state", "--metrics", "a.prom"]
        when += ["--notify", "webhook=env:HOOK"]
        arguments = ["report", "conf", *JUDGED, "--remind", "never", *when]
        requests = [{"name": f"run{n}", "arguments": arguments, **fault} for n in range(times)]
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(requests) + "\n")
        self._server.stdin.flush()
        answer: list[dict[str, Any]] = json.loads(self._server.stdout.readline())
        return answer

    def close(self) -> None:
        self._server.communicate()
        assert self._server.returncode == 0


@pytest.fixture
def cron(home: pathlib.Path, hook: Hook) -> Iterator[Cron]:
    cron = Cron(home, hook)
    yield cron
    cron.close()


def write(home: pathlib.Path, **files: str) -> None:
    for name, text in files.items():
        (home / f"conf/{name}.conf").write_text(text)


def named(said: Digest) -> set[tuple[str, str]]:
    """The changes that a webhook was told, as TOLD finds them in words."""
    return {(one.state.value, pathlib.Path(one.finding.path).stem) for one in said.changes}


def whole(home: pathlib.Path) -> bool:
    """Is the history one that SQLite finds nothing wrong with?"""
    path = home / "state/history.db"
    if not path.exists():
        return True
    database = sqlite3.connect(path)
    sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    return sound


def test_a_run_may_be_killed_at_any_step(home: pathlib.Path, cron: Cron, hook: Hook) -> None:
    write(home, a=BAD, b=GOOD)
    assert cron.run(0)[0]["code"] == 1
    shutil.copytree(home / "state", home / "before")
    write(home, a=GOOD, b=BAD)
    wanted = {("new", "b"), ("fixed", "a")}
    ends = {"again": 0, "late": 0, "anew": 0}
    posts: Counter[int] = Counter()
    for step in range(1, 1000):
        shutil.rmtree(home / "state")
        shutil.copytree(home / "before", home / "state")
        hook.posted.clear()
        (killed,) = cron.run(QUARTER, kill=step)
        if killed["code"] != -9:
            assert (killed["code"], set(TOLD.findall(killed["out"]))) == (1, wanted)
            break
        (after,) = cron.run(2 * QUARTER)
        assert whole(home), step
        assert cron.run(3 * QUARTER)[0] == {"out": "", "err": "", "code": 0}, step
        (posted,) = hook.once
        assert named(posted) == wanted, step
        posts[len(hook.posted)] += 1
        first, second = (set(TOLD.findall(done["out"])) for done in (killed, after))
        assert first | second == wanted, step
        if second:
            assert after["code"] == 1, step
        runs = RUN.findall(killed["out"] + after["out"])
        assert len({number for number, _ in runs}) == 1, step
        if first == second:  # killed before it could note that it had told
            assert runs[1][1] == " (told late: it was cut short)", step
            ends["again"] += 1
        elif first == wanted:
            assert after["out"] == "", step
        else:
            ends["late" if "told late" in after["out"] else "anew"] += 1
    else:
        pytest.fail("no run came to its end")
    assert ends["anew"] > 10
    assert ends["late"] > 3
    # only between the flush of standard output and the commit that says so
    assert 0 < ends["again"] < 8
    assert set(posts) == {1, 2}
    assert posts[2] < 8


def test_the_first_run_may_be_killed_at_any_step(home: pathlib.Path, cron: Cron) -> None:
    write(home, a=BAD)
    for step in range(1, 1000, 3):
        shutil.rmtree(home / "state", ignore_errors=True)
        (killed,) = cron.run(0, kill=step)
        (after,) = cron.run(QUARTER)
        assert whole(home)
        assert "new" in killed["out"] + after["out"], step
        assert cron.run(2 * QUARTER)[0] == {"out": "", "err": "", "code": 0}, step
        if killed["code"] != -9:
            break
    assert step > 30


class World:
    """Files that somebody spoils and mends, and what cron has told of them."""

    FILES = ("alpha", "beta", "gamma", "delta")

    def __init__(self, home: pathlib.Path, seed: int) -> None:
        self.home = home
        self.random = random.Random(seed)
        self.bad = dict.fromkeys(self.FILES, False)
        self.unread = dict.fromkeys(self.FILES, False)
        self.told: dict[str, str] = dict.fromkeys(self.FILES, "fixed")
        self.runs: set[str] = set()
        self.fixed_unread = 0
        for name in self.FILES:
            self.write(name)

    def write(self, name: str) -> None:
        text = BAD if self.bad[name] else GOOD
        # broken: the brace that ends the server is missing, whatever it says
        write(self.home, **{name: text.rstrip()[:-1] if self.unread[name] else text})

    def change(self) -> None:
        name = self.random.choice(self.FILES)
        what = self.bad if self.random.random() < 0.6 else self.unread
        what[name] = not what[name]
        self.write(name)

    def calm(self) -> None:
        for name in self.FILES:
            self.unread[name] = False
            self.write(name)

    def hear(self, out: str) -> None:
        """Take in what a run told; each change must be one, and true."""
        for block in re.split(r"(?m)^lbcheck report: ", out)[1:]:
            number, late = RUN.findall(block)[0]
            if number in self.runs:
                assert late, block
                continue
            self.runs.add(number)
            changes = TOLD.findall(block)
            followed(self.told, changes)
            for name in (name for state, name in changes if state == "fixed" and not late):
                assert not self.unread[name], name
                assert not self.bad[name], name


def followed(told: dict[str, str], changes: Iterable[tuple[str, str]]) -> None:
    """Keep in mind what is told now: each must be a change of what was."""
    for state, name in changes:
        assert (state == "fixed") != (told[name] == "fixed"), (state, told[name], name)
        told[name] = state


FAULTS = ("kill", "full", "twice", "clock", "refused", "hung up", "answer lost")


def spoilt(cron: Cron, world: World, fault: str, at: float) -> list[dict[str, Any]]:
    """One run, or three at once, with a fault put in."""
    match fault:
        case "kill":
            return cron.run(at, kill=world.random.randrange(1, 120))
        case "full":
            return cron.run(at, bytes=world.random.choice([512, 4096, 8192, 16384]))
        case "twice":
            return cron.run(at, times=3)
        case "clock":
            return cron.run(at + world.random.choice([-5, 5]) * 24 * HOURS)
    return cron.run(at)


def spoil(hook: Hook, fault: str, at: float) -> None:
    """The webhook as it is now: from the tenth to the thirteenth day it is down."""
    down = 10 <= at / (24 * HOURS) < 13
    hook.status = 410 if down or fault == "refused" else None if fault in FAULTS[-2:] else 204
    hook.taking = True if fault == "answer lost" and not down else None


def test_thirty_days_lose_nothing_and_say_nothing_twice(
    home: pathlib.Path, cron: Cron, hook: Hook
) -> None:
    world = World(home, seed=1)
    met: Counter[str] = Counter()
    for at in range(0, 30 * 24 * HOURS, 4 * HOURS):
        if world.random.random() < 0.5:
            world.change()
        fault = world.random.choice(("none",) * 4 + FAULTS)
        met[fault] += 1
        spoil(hook, fault, at)
        for one in spoilt(cron, world, fault, at):
            world.hear(one["out"])
            assert one["code"] in (0, 1, 3, -9) or fault == "full", one
            if "another report is running" in one["err"]:
                assert (one["code"], one["out"]) == (0, "")
        assert whole(home)
    assert min(met.values()) > 10
    world.calm()
    spoil(hook, "none", 0)
    end = 31 * 24 * HOURS
    for run in range(2):
        world.hear(cron.run(end + run * HOURS)[0]["out"])
    truth = {name: "bad" if bad else "fixed" for name, bad in world.bad.items()}
    heard = {name: "fixed" if state == "fixed" else "bad" for name, state in world.told.items()}
    assert heard == truth
    posted: dict[str, str] = dict.fromkeys(World.FILES, "fixed")
    for said in hook.once:
        followed(posted, {(state, name) for state, name in named(said) if name in posted})
    assert posted == world.told
    runs = [said.run for said in hook.once]
    assert runs == sorted({int(number) for number in world.runs})
    assert b"S3CRET" not in (home / "state/history.db").read_bytes()
    assert cron.run(end + 3 * HOURS)[0] == {"out": "", "err": "", "code": 0}
