"""HAProxy's statistics as text: every state, and answers that are none."""

import pytest

from lbcheck.errors import SourceError
from lbcheck.model import State
from lbcheck.runtime.haproxy import read

HEADING = "# pxname,svname,status,weight,bck,type,addr,cookie"


def table(*rows: str) -> str:
    return "\n".join([HEADING, *rows, ""])


@pytest.mark.parametrize(
    ("status", "weight", "state", "words"),
    [
        ("UP", "100", State.HEALTHY, "UP"),
        ("UP 1/3", "100", State.HEALTHY, "UP 1/3"),
        ("UP", "0", State.DRAINING, "weight 0"),
        ("no check", "1", State.HEALTHY, "no check"),
        ("no check", "0", State.DRAINING, "weight 0"),
        ("DOWN", "1", State.UNHEALTHY, "DOWN"),
        ("DOWN 1/2", "1", State.UNHEALTHY, "DOWN 1/2"),
        ("DOWN (agent)", "1", State.UNHEALTHY, "DOWN (agent)"),
        ("NOLB", "1", State.DRAINING, "NOLB"),
        ("NOLB 1/2", "1", State.DRAINING, "NOLB 1/2"),
        ("DRAIN", "1", State.DRAINING, "DRAIN"),
        ("DRAIN (agent)", "1", State.DRAINING, "DRAIN (agent)"),
        ("MAINT", "1", State.DOWN, "MAINT"),
        ("MAINT (via chat/a)", "1", State.DOWN, "MAINT (via chat/a)"),
        ("MAINT (resolution)", "1", State.DOWN, "MAINT (resolution)"),
    ],
)
def test_each_state_of_a_server_has_its_meaning(
    status: str, weight: str, state: State, words: str
) -> None:
    told = read(table(f"chat,a,{status},{weight},0,2,10.0.0.1:80,a"))
    assert [(m.name, m.address, m.state, m.words) for m in told.groups[0].members] == [
        ("a", "10.0.0.1:80", state, words)
    ]
    assert told.troubles == ()


def test_a_backend_without_servers_is_there_with_its_cookie() -> None:
    told = read(table("edge,FRONTEND,OPEN,,,0,,", "chat,BACKEND,DOWN,0,0,1,,NODE"))
    assert [(group.name, group.members, group.cookie) for group in told.groups] == [
        ("chat", (), "NODE")
    ]


def test_a_state_that_nobody_knows_is_unknown_and_told() -> None:
    told = read(table("chat,a,SLEEPING,1,0,2,,"))
    assert told.groups[0].members[0].state is State.UNKNOWN
    assert [trouble.message for trouble in told.troubles] == [
        "`chat/a` is `SLEEPING`, which is no state lbcheck knows"
    ]


def test_rows_with_other_columns_are_told_and_the_others_are_read() -> None:
    told = read(table("chat,a,UP", "chat,b,UP,1,0,2,,", f"chat,{'x' * 201},UP,1,0,2,,"))
    assert [member.name for member in told.groups[0].members] == ["b"]
    assert [trouble.message for trouble in told.troubles] == [
        "row 2 of the statistics is no row of this table",
        "row 4 of the statistics is no row of this table",
    ]


def test_of_many_faults_the_first_are_told_and_the_others_counted() -> None:
    told = read(table(*(f"chat,s{number},ODD,1,0,2,," for number in range(1000))))
    assert len(told.troubles) == 6
    assert told.troubles[-1].message == "995 more parts of the answer mean nothing"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "<html><body>HAProxy</body></html>",
        "Unknown command, but maybe one of the following ones is a better match:\n",
        "Permission denied\n",
        "# pxname,svname,status\nchat,a,UP\n",
        f'{HEADING}\nchat,"{"a" * 200_000}",UP,1,0,2,,\n',
    ],
)
def test_what_is_no_table_of_statistics_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="no table of statistics"):
        read(text)
