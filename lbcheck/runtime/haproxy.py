"""Read HAProxy's statistics (`show stat`, or the page `;csv`): CSV text to states of servers.

The states are those of HAProxy's management guide 9.1, as 2.6.12 and 2.8.25 tell them. `UP 1/3` is
still used and `DOWN 1/2` not yet; a server that was given the weight 0 is called UP.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from lbcheck.errors import SourceError
from lbcheck.model import State, Trouble
from lbcheck.runtime.told import LONGEST_NAME, Group, Member, Told, few, unknown_state

_NAME = "# pxname"
_NEEDED = (_NAME, "svname", "status", "weight", "type")
_BACKEND, _SERVER = "1", "2"
_STATES = {
    "UP": State.HEALTHY,
    "no check": State.HEALTHY,
    "DOWN": State.UNHEALTHY,
    "NOLB": State.DRAINING,
    "DRAIN": State.DRAINING,
    "MAINT": State.DOWN,
}
Row = dict[str, str]


def read(text: str) -> Told:
    """The backends of one process with their servers.

    Raises: SourceError for what is no such table.
    """
    rows, faults = [], []
    for number, row in enumerate(_table(text), 2):
        if row is None or max(len(row[_NAME]), len(row["svname"])) > LONGEST_NAME:
            faults.append(Trouble(f"row {number} of the statistics is no row of this table"))
        else:
            rows.append(row)
    members: dict[str, dict[str, Member]] = {}
    cookies: dict[str, str] = {}
    for row in rows:
        if row["type"] == _BACKEND:
            members.setdefault(row[_NAME], {})
            cookies[row[_NAME]] = row.get("cookie", "")
        elif row["type"] == _SERVER:
            member = _member(row)
            members.setdefault(row[_NAME], {})[member.name] = member
    groups = tuple(Group(n, tuple(of.values()), cookies.get(n, "")) for n, of in members.items())
    return Told(groups, few(iter([*faults, *_unknown(groups)])))


def _table(text: str) -> Iterator[Row | None]:
    """The rows under the heading; None for one with other columns."""
    lines = csv.reader(text.splitlines())
    try:
        heading = next(lines, [])
        if not set(_NEEDED).issubset(heading):
            raise SourceError("the answer is no table of statistics (CSV)")
        for cells in lines:
            if cells:
                yield dict(zip(heading, cells, strict=True)) if len(cells) == len(heading) else None
    except csv.Error:
        raise SourceError("the answer is no table of statistics (CSV)") from None


def _member(row: Row) -> Member:
    status = row["status"]
    word = status if status == "no check" else status.partition(" ")[0]
    weight = int(row["weight"]) if row["weight"].isdecimal() and len(row["weight"]) < 5 else None
    state = _STATES.get(word, State.UNKNOWN)
    if state is State.HEALTHY and weight == 0:
        state, status = State.DRAINING, "weight 0"
    backup = row.get("bck") == "1"
    return Member(row["svname"], row.get("addr", ""), state, status, weight, backup)


def _unknown(groups: tuple[Group, ...]) -> Iterator[Trouble]:
    for group in groups:
        for member in group.members:
            if member.state is State.UNKNOWN:
                yield unknown_state(group.name, member.name, member.words)
