"""`make interop`: install the servers, measure them, compare with the record and the profiles.

Without arguments what has changed is written to measured.json and docs/interop.md; with `--check`
it is only told, and the exit code is 1.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from lbcheck import profiles
from tests.interop import agreement, installing, page, record
from tests.interop.installing import InstallError
from tests.interop.measured import Measured, Record, Returned
from tests.interop.measuring import KEPT_S, measure
from tests.interop.returning import LEAVING, returned
from tests.interop.serving import ServerError
from tests.interop.stacks import ALL, Stack


def main(arguments: list[str]) -> int:
    """Exit code 0: all is as it is told; 1: it is not; 2: it cannot be measured."""
    began = time.monotonic()
    try:
        now = _measured()
    except (InstallError, ServerError) as error:
        sys.stderr.write(f"make interop: {error}\n")
        return 2
    say(f"{len(now.systems)} systems were measured in {time.monotonic() - began:.0f} s")
    changed = list(record.changes(record.read(), now))
    wrong = list(_wrong(now))
    for line in (*changed, *wrong):
        say(line)
    if "--check" not in arguments:
        if changed:
            record.write(now)
        page.write()
        return 1 if wrong else 0
    if page.stale():
        say("docs/interop.md is stale: run `make interop`")
    return 1 if changed or wrong or page.stale() else 0


def _measured() -> Record:
    """Each system as soon as it is installed, and the balancers when the first are done."""
    places = {stack.place for stack in ALL}
    installing.check(places)
    with ThreadPoolExecutor(len(places) + len(ALL) + 1) as side_by_side:
        installed = {name: side_by_side.submit(installing.install, name) for name in places}
        try:
            systems = side_by_side.map(partial(_one, installed), ALL)
            returns = side_by_side.submit(_returned, installed[LEAVING.place])
            return Record(tuple(systems), returns.result())
        except KeyboardInterrupt:
            os._exit(130)  # nobody waits for the threads; the servers end when their stdin does


def _one(installed: dict[str, Future[None]], stack: Stack) -> Measured:
    installed[stack.place].result()
    return measure(stack)


def _returned(installed: Future[None]) -> tuple[Returned, ...]:
    installed.result()
    time.sleep(KEPT_S)
    return returned()


def _wrong(now: Record) -> Iterator[str]:
    for stack, measured in zip(ALL, now.systems, strict=True):
        yield from agreement.differences(stack, profiles.load([stack.profile]), measured)
        for fault in (*measured.answers.faults, *measured.wrong):
            yield f"{stack.name}: {fault}"


def say(words: str) -> None:
    """A line for the person who waits."""
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
