"""Run `lbcheck report` hundreds of times, each in a process of its own, with faults put in.

A script, started by tests: `python cron.py HOME` reads one JSON request a line and answers it in a
line. Each run is a fork of this process, which has imported everything, so that it takes 50 ms
instead of 500. Faults are put in from outside: nothing in lbcheck knows of them.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from lbcheck import __main__ as program
from lbcheck import scheduled
from lbcheck.cli import report, report_output
from lbcheck.history import metrics, text
from lbcheck.notify import channels, post

IMPORTED = (scheduled, report, report_output, metrics, text, channels, post)
EFFECTS = {
    "execute", "executemany", "connect", "write", "flush", "replace", "flock", "open", "close",
    "fsync", "fchmod", "mkdir", "send", "recv",
}  # fmt: skip
OURS = ("lbcheck/history/", "lbcheck/scheduled.py", "lbcheck/cli/report", "lbcheck/cli/output.py",
        "lbcheck/whole_file.py", "lbcheck/notify/", "httpcore/_backends/sync.py")  # fmt: skip


def dying_at(step: int) -> Callable[[FrameType, str, Any], None]:
    """A profile function that kills the process before its n-th act with an effect, which is as
    good as after the one before."""
    seen = 0

    def look(frame: FrameType, event: str, what: Any) -> None:
        nonlocal seen
        if event != "c_call" or what.__name__ not in EFFECTS:
            return
        if any(part in frame.f_code.co_filename for part in OURS):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    return look


def child(request: dict[str, Any]) -> None:
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(f"{request['name']}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    if request.get("bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["bytes"], request["bytes"]))
    if request.get("kill"):
        sys.setprofile(dying_at(request["kill"]))
    try:
        code = program.run(request["arguments"])
        sys.stdout.flush()
    finally:
        sys.setprofile(None)
    os._exit(code)


def start(request: dict[str, Any]) -> int:
    process = os.fork()
    if process == 0:
        try:
            child(request)
        finally:
            os._exit(99)
    return process


def end(process: int, request: dict[str, Any]) -> dict[str, Any]:
    _, status = os.waitpid(process, 0)
    said = {}
    for name in ("out", "err"):
        with open(f"{request['name']}.{name}") as file:
            said[name] = file.read()
    return {**said, "code": os.waitstatus_to_exitcode(status)}


def main() -> None:
    os.chdir(sys.argv[1])
    for line in sys.stdin:
        requests = json.loads(line)  # those of a line run at once
        processes = [start(request) for request in requests]
        done = [end(*both) for both in zip(processes, requests, strict=True)]
        sys.__stdout__.write(json.dumps(done) + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    main()
