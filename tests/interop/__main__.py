"""`make interop`: install the servers, measure them, compare with the record and the profiles.

Without arguments what has changed is written to measured.json and docs/interop.md; with `--check`
it is only told, and the exit code is 1.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from lbcheck import profiles
from tests.interop import agreement, installing, page, record
from tests.interop.measured import Measured
from tests.interop.measuring import measure
from tests.interop.serving import ServerError
from tests.interop.stacks import ALL


def main(arguments: list[str]) -> int:
    """Exit code 0: all is as it is told; 1: it is not; 2: the servers cannot be had."""
    began = time.monotonic()
    try:
        installing.install(stack.place for stack in ALL)
    except installing.InstallError as missing:
        sys.stderr.write(f"make interop: {missing}\n")
        return 2
    say(f"installed after {time.monotonic() - began:.0f} s; measuring {len(ALL)} systems")
    try:
        with ThreadPoolExecutor(len(ALL)) as side_by_side:
            now = tuple(side_by_side.map(measure, ALL))
    except ServerError as error:
        sys.stderr.write(f"make interop: {error}\n")
        return 2
    say(f"measured after {time.monotonic() - began:.0f} s")
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


def _wrong(now: tuple[Measured, ...]) -> Iterator[str]:
    for stack, measured in zip(ALL, now, strict=True):
        yield from agreement.differences(stack, profiles.load([stack.profile]), measured)
        for fault in (*measured.answers.faults, *measured.wrong):
            yield f"{stack.name}: {fault}"


def say(words: str) -> None:
    """A line for the person who waits."""
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
