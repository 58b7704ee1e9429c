"""Whatever a process answers, it is read or refused, and never a crash."""

from hypothesis import given
from hypothesis import strategies as st

from lbcheck.errors import SourceError
from lbcheck.runtime import haproxy, nginx_plus
from tests.runtime.test_haproxy import HEADING
from tests.runtime.test_nginx_plus import upstreams

CELLS = st.sampled_from(
    ["chat", "a", "UP", "MAINT", "0", "1", "2", "-1", "\u0663", '"', "\0", "\x1b"]
)
ROWS = st.lists(st.lists(CELLS, max_size=10).map(",".join), max_size=5)


@given(ROWS | st.lists(st.text(max_size=40), max_size=3))
def test_any_rows_under_the_heading(rows: list[str]) -> None:
    try:
        told = haproxy.read("\n".join([HEADING, *rows]))
    except SourceError:
        return
    for group in told.groups:
        assert len({member.name for member in group.members}) == len(group.members)


@given(st.data())
def test_any_part_of_an_answer_of_the_api(data: st.DataObject) -> None:
    text = upstreams("up", "draining")
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.text(max_size=5)) + text[at + data.draw(st.integers(0, 9)) :]
    try:
        told = nginx_plus.read(changed)
    except SourceError:
        return
    assert all(member.name for group in told.groups for member in group.members if member.address)
