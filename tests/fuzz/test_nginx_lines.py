"""Reading nginx line by line gives the tree, and the troubles, of reading it word by word."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lbcheck.model import Source
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_reader import Reader

PIECES = (
    "a", "b c", "events", ";", "{", "}", " ", "\n", "include x", "include", "#", '"q"', "''", "\\",
    "$", "${a}", " {}", "{ }", " {\n", "}\n", ";\n", "x_by_lua_block {}", "\t", "\r",
)  # fmt: skip


class WordByWord(Reader):
    def _lines(self, at: int) -> None:
        while at < self.end:
            at = self._statements(at)


def read(reader: type[Reader], text: str) -> tuple[Any, ...]:
    source = Source("nginx.conf", "nginx", text)
    reading = reader(source, 0, len(text), {})
    tree = reading.read()
    holders = {tuple((d.name, d.start) for d in holder) for holder in reading.holders}
    return plain(tree), source.troubles, holders


def plain(tree: list[Directive]) -> list[tuple[Any, ...]]:
    return [
        (d.name, d.args, d.start, d.end, d.close, None if d.block is None else plain(d.block))
        for d in tree
    ]


@settings(max_examples=1500, derandomize=True, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whole_lines_are_read_as_their_words_are(text: str) -> None:
    assert read(Reader, text) == read(WordByWord, text)
