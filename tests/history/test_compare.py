"""What is fixed and what nobody can know: sources that decide together, and those that do not."""

import pathlib
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from msgspec.structs import replace

from lbcheck import scheduled
from lbcheck.cli.report import _job, command
from lbcheck.deadline import DeadlinePassed, deadline
from lbcheck.errors import StateError
from lbcheck.finding import Severity
from lbcheck.history import compare, outbox
from lbcheck.history.digest import Digest, Reason, Remembered, State
from lbcheck.history.memory import KnownSource, KnownTarget, Memory, Seen
from lbcheck.history.store import Store
from lbcheck.run import Options
from tests.history.conftest import BAD, GOOD, QUARTER, START, Report


def finding(path: str, fingerprint: str = "f1") -> Remembered:
    return Remembered(fingerprint, "LB301", "n", Severity.ERROR, "certain", "m", path)


def source(
    name: str, status: str = "read", kind: str = "nginx", circle: tuple[str, ...] = ()
) -> KnownSource:
    return KnownSource(name, kind, status, "" if status == "read" else "no", 0, 0, circle)


def after(*runs: Seen) -> Memory:
    """What is known after these runs."""
    memory = Memory()
    for run in runs:
        done = compare.outcome(memory, run)
        memory = Memory(run.run, run.time, "", 0, 0, done.findings, done.sources, done.targets)
    return memory


def state(before: tuple[KnownSource, ...], *now: KnownSource, of: str = "a.conf") -> State:
    """What a finding is that is not seen any more, by the sources of both runs."""
    first = Seen(1, START, "q", (finding(of),), sources=before)
    second = Seen(2, START + QUARTER, "q", sources=now)
    return after(first, second).findings["f1"].state


A = source("a.conf", circle=("nginx.conf",))
ROOT = source("nginx.conf", circle=("nginx.conf",))
BROKEN_ROOT = source("nginx.conf", "partial", circle=("nginx.conf",))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((A, ROOT), State.FIXED),
        ((source("a.conf", "partial"), ROOT), State.UNKNOWN),
        ((source("a.conf", "unread"), ROOT), State.UNKNOWN),
        # what is read through a root depends on it, even if it stands for itself without it
        ((replace(A, circle=("a.conf",)), BROKEN_ROOT), State.UNKNOWN),
        ((A, replace(BROKEN_ROOT, kind="unknown", circle=())), State.UNKNOWN),
        # what has nothing to do with it decides nothing
        ((A, ROOT, source("other.conf", "unread", circle=("other.conf",))), State.FIXED),
        ((A, ROOT, source("haproxy.cfg", "unread", "haproxy")), State.FIXED),
        ((A, ROOT, source("aws eu-west-1", "unread", "aws")), State.FIXED),
        ((A, ROOT, source("haproxy http://h/", "unread", "live")), State.FIXED),
        ((A, ROOT, source("nginx-plus http://h/", "unread", "live")), State.UNKNOWN),
        # its own source is gone
        ((ROOT,), State.FIXED),
        ((ROOT, source("/etc/nginx/conf.d", "unread", "unknown")), State.UNKNOWN),
        ((ROOT, source("haproxy.cfg", "unread", "haproxy")), State.FIXED),
    ],
)
def test_a_finding_is_fixed_where_all_that_decides_about_it_was_read(
    now: tuple[KnownSource, ...], expected: State
) -> None:
    assert state((A, ROOT), *now) is expected


def test_what_could_not_be_read_when_it_was_seen_either_is_no_reason_to_doubt() -> None:
    """A include that has been missing for a year must not keep everything from being fixed."""
    assert state((A, BROKEN_ROOT), A, BROKEN_ROOT) is State.FIXED
    assert state((A, BROKEN_ROOT), A, replace(BROKEN_ROOT, detail="something else")) is (
        State.UNKNOWN
    )


def test_an_account_whose_name_is_not_known_any_more_makes_its_findings_unknown() -> None:
    account = source("aws 111122223333 eu-west-1", kind="aws", circle=("aws 111122223333",))
    nameless = source("aws eu-west-1", "unread", "aws")
    assert state((account,), nameless, of=account.name) is State.UNKNOWN
    first = Seen(1, START, "q", (finding(account.name),), sources=(account,))
    second = Seen(2, START + 1, "q", sources=(nameless,))
    back = Seen(3, START + 2, "q", (finding(account.name),), sources=(account,))
    done = compare.outcome(after(first, second), back)
    assert done.recovered == ("aws eu-west-1",)
    assert (done.changes, done.findings["f1"].state) == ((), State.OPEN)


def test_unknown_stays_until_somebody_can_look() -> None:
    runs = [Seen(1, START, "q", (finding("a.conf"),), sources=(A, ROOT))]
    for number in range(2, 6):
        runs.append(Seen(number, START + number, "q", sources=(A, BROKEN_ROOT)))
    memory = after(*runs)
    assert memory.findings["f1"].state is State.UNKNOWN
    done = compare.outcome(memory, Seen(6, START + 6, "q", sources=(A, ROOT)))
    assert [change.state for change in done.changes] == [State.FIXED]


def test_the_same_trouble_in_other_words_is_no_news() -> None:
    def unread(run: int, detail: str, status: str = "partial") -> Seen:
        told = replace(source("a.conf", status), detail=detail)
        return Seen(run, START + run, "q", sources=(told,))

    first = unread(1, "line 7: denied (request 0a1b2c3d4e5f)")
    again = compare.outcome(after(first), unread(2, "line 9: denied (request ffffffff0000)"))
    assert [each.new for each in again.unread] == [False]
    assert again.sources["a.conf"].since_run == 1
    more = compare.outcome(after(first), unread(2, "line 7: denied\nline 8: throttled"))
    assert [each.new for each in more.unread] == [True]
    less = compare.outcome(after(unread(1, "a\nb")), unread(2, "b"))
    assert [each.new for each in less.unread] == [False]
    worse = compare.outcome(after(unread(1, "a\nb")), unread(2, "cannot be read", "unread"))
    assert [each.new for each in worse.unread] == [True]


def test_targets_of_what_was_not_read_are_as_they_were() -> None:
    spot, gone = ("a.conf", "chat", "t1"), ("a.conf", "chat", "t2")
    first = Seen(
        1, START, "q", sources=(A,), targets={spot: ("draining", "x"), gone: ("healthy", "")}
    )
    memory = after(first)
    broken = compare.outcome(
        memory, Seen(2, START + 9, "q", sources=(source("a.conf", "partial"),))
    )
    assert broken.targets == memory.targets
    assert broken.moved == ()
    seen = Seen(2, START + 9, "q", sources=(A,), targets={spot: ("draining", "y")})
    done = compare.outcome(memory, seen)
    assert done.targets == {spot: KnownTarget("draining", "y", 1, START, START + 9)}
    assert [(m.target, m.before, m.after) for m in done.moved] == [("t2", "healthy", None)]


def test_a_fragment_of_a_broken_root_is_not_fixed(home: pathlib.Path, report: Report) -> None:
    (home / "conf/conf.d").mkdir()
    root = "events { }\nhttp {\n    include conf.d/*.conf;\n}\n"
    (home / "conf/nginx.conf").write_text(root)
    (home / "conf/conf.d/chat.conf").write_text(BAD)
    assert report("--select", "LB301").lines == ["new error[LB301]"]
    (home / "conf/nginx.conf").write_text(root.replace("http {", "http { include /etc/no/such;"))
    (home / "conf/conf.d/chat.conf").write_text(GOOD)
    broken = report("--select", "LB301", at=QUARTER)
    assert (broken.code, broken.lines) == (3, [])
    (home / "conf/nginx.conf").write_text(root)
    assert report("--select", "LB301", at=2 * QUARTER).lines == ["fixed error[LB301]"]


DIGEST = Digest(
    version="0", run=1, time="2026-11-18T11:06:40Z", exit_code=1, reasons=(Reason.CHANGE,)
)


def add(store: Store, digest: Digest = DIGEST, *channels: str) -> None:
    store.add(digest, time=START, duration=0, outcome=None, channels=channels, cutoff=0)


def test_two_runs_without_a_lock_do_not_mix(tmp_path: pathlib.Path) -> None:
    """Some network file systems do not lock: then the number of the run does."""
    first, second = Store(str(tmp_path)), Store(str(tmp_path))
    assert first.memory().run == second.memory().run == 0
    add(first)
    with pytest.raises(StateError, match="another run stored at the same time: nothing was stored"):
        add(second, replace(DIGEST, exit_code=3))
    assert [digest.exit_code for digest in second.digests(9)] == [1]


class Line:
    """A channel that is down for a while."""

    name = "line"

    def __init__(self, down: int = 0) -> None:
        self.down = down
        self.told: list[tuple[int, bool]] = []

    def send(self, digest: Digest, *, again: bool) -> None:
        if self.down:
            self.down -= 1
            raise outbox.NotSentError("nobody answers")
        self.told.append((digest.run, again))


def test_what_cannot_be_sent_waits_longer_each_time_and_is_sent_once(
    tmp_path: pathlib.Path,
) -> None:
    store, line = Store(str(tmp_path)), Line(down=3)
    add(store, DIGEST, "line", "nobody")
    add(store, replace(DIGEST, run=2), "line")
    tries = {
        wait: outbox.deliver(store, [line], 2, START + wait)
        for wait in (0, 59, 60, 179, 180, 419, 420, 1000)
    }
    assert [wait for wait, said in tries.items() if said] == [0, 60, 180]
    assert tries[0] == ["line: nobody answers"]
    assert line.told == [(1, True), (2, False)]
    assert [event.channel for event in store.pending(START + 9999)] == ["nobody"]


def test_what_was_put_off_by_a_wrong_clock_is_sent_nevertheless(tmp_path: pathlib.Path) -> None:
    store, line = Store(str(tmp_path)), Line(down=1)
    add(store, DIGEST, "line")
    outbox.deliver(store, [line], 1, START + 10**9)
    assert outbox.deliver(store, [line], 1, START) == []
    assert line.told == [(1, False)]


def test_a_deadline_reaches_work_that_waits_for_threads() -> None:
    over = threading.Event()
    started = monotonic()
    with pytest.raises(DeadlinePassed), deadline(0.2), ThreadPoolExecutor(1) as pool:
        pool.submit(over.wait, 30).result()
    assert monotonic() - started < 15
    over.set()


def test_a_question_is_the_same_whenever_it_is_asked_again(tmp_path: pathlib.Path) -> None:
    def asked(*live: str, **more: str) -> str:
        names = [parameter.name for parameter in command.params]
        with command.make_context("report", ["conf", *live], resilient_parsing=False) as ctx:
            values = {name: ctx.params[name] for name in names if name in ctx.params}
        job = _job(values.pop("paths"), values | more)
        return scheduled.question(job.paths, job.options)

    live = ("--live", "wss://h/ws", "--live", "haproxy=http://user:secret@h/stats")
    assert asked(*live) == asked(*live)
    assert asked(*live) != asked()
    assert asked("--ignore", "LB301") != asked()
    assert asked("--fail-on", "never") == asked("--now", "5") == asked()


def test_each_option_is_part_of_the_question_or_is_known_to_be_none() -> None:
    named = {"snapshots", "processes", "trial", "aws"}
    no_part = {"fail_on", "today", "stdin", "absolute", "folder", "texts", "known", "environment"}
    assert {*scheduled._ASKED, *named, *no_part} == set(Options.__struct_fields__)


def test_whatever_a_channel_does_the_others_are_told(tmp_path: pathlib.Path) -> None:
    class Channel:
        def __init__(self, name: str) -> None:
            self.name = name
            self.told: list[int] = []

        def send(self, digest: Digest, *, again: bool) -> None:
            if self.name == "odd":
                raise RuntimeError("https://hooks.example.com/S3CRET")
            self.told.append(digest.run)

    store = Store(str(tmp_path))
    said = Digest(version="", run=1, time="", exit_code=0, reasons=(Reason.CHANGE,))
    store.add(said, time=START, duration=0, outcome=None, channels=("odd", "even"), cutoff=0)
    odd, even = Channel("odd"), Channel("even")
    problems = outbox.deliver(store, [odd, even], 1, START)
    assert problems == ["odd: RuntimeError (a bug in lbcheck)"]
    assert [event.channel for event in store.pending(START + 3600)] == ["odd"]
    assert even.told == [1]
