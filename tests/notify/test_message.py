"""What is told of a run, whoever tells it."""

from msgspec.structs import replace

from lbcheck.notify.message import cut, filled, message
from tests.notify.digests import FULL, HOSTILE, digest


def test_everything_that_a_run_has_to_tell_is_an_entry() -> None:
    told = message(FULL)
    assert told.title == "lbcheck: 1 worse (1 error), 1 fixed; 1 source cannot be read"
    assert told.lines == [
        "worse error, was info: LB301 edge/a.conf:3:5: cuts",
        "fixed warning: LB301 edge/a.conf:3:5: was cut",
        "unread: aws:eu-west-1: denied; expired",
        "read again: edge/b.conf",
        "open info: LB301 edge/a.conf:3:5: stays (since 2026-11-20T07:00:00Z)",
        "target: chat i-1: healthy -> draining",
        "target: chat i-2: not there -> healthy",
    ]
    assert told.footer == "run 8, 2026-11-23T07:15:00Z: lbcheck report show 8"
    assert message(FULL, again=True).footer == (
        "run 8, 2026-11-23T07:15:00Z, told late: lbcheck report show 8"
    )


def test_a_test_names_no_run() -> None:
    assert message(replace(FULL, run=0)).footer == "2026-11-23T07:15:00Z"


def test_many_entries_are_counted_and_long_ones_cut() -> None:
    told = message(digest(*["x" * 1000] * 23), most=20)
    assert (len(told.entries), told.more, told.lines[-1]) == (20, 3, "and 3 more")
    assert {len(entry.text) for entry in told.entries} == {300}
    assert told.entries[0].text.endswith("xxx...")


def test_no_control_character_gets_through() -> None:
    (entry,) = message(digest(HOSTILE)).entries
    assert "\\x1b[31m\\u202e" in entry.text
    assert entry.text.isprintable()


def test_a_text_is_cut_to_its_room() -> None:
    assert (cut("abcdef", 6), cut("abcdefg", 6)) == ("abcdef", "abc...")
    assert filled(["aaaa", "bbbb"], 20) == ["aaaa", "bbbb"]
    assert filled(["aaaa", "bbbb", "cccc"], 14) == ["aaaa", "bbbb", "..."]
    assert len("\n".join(filled(["y" * 40] * 100, 400))) <= 400
