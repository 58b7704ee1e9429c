"""Compare ALB patterns (`*`: any characters, `?`: one): does one contain or meet another?"""

from __future__ import annotations

from lbcheck.regex import regex

_LITERAL = regex(r"[^*?]*+")
# The API allows 128 characters; longer ones are not worth quadratic work.
_LONGEST = 256


def contains(big: str, small: str) -> bool:
    """Does `big` match every text that `small` matches? False also where it is not provable."""
    if len(big) > _LONGEST or len(small) > _LONGEST:
        return big == small
    head = big.partition("*")[0].partition("?")[0]
    if not small.startswith(head):
        return False  # nearly always, where rules are many
    # `small` is read as a text in which `*` is a symbol that only a `*` of `big` can take.
    at = wild = mark = 0
    star = -1
    while at < len(small):
        if _star_at(big, wild):
            star, wild, mark = wild, wild + 1, at
        elif wild < len(big) and _takes(big[wild], small[at]):
            at, wild = at + 1, wild + 1
        elif star >= 0:
            mark += 1
            at, wild = mark, star + 1
        else:
            return False
    return not big[wild:].strip("*")


def _star_at(pattern: str, at: int) -> bool:
    return at < len(pattern) and pattern[at] == "*"


def _takes(wanted: str, symbol: str) -> bool:
    return symbol != "*" and wanted in (symbol, "?")


def meets(one: str, other: str) -> bool:
    """Is there a text that both patterns match?"""
    if len(one) > _LONGEST or len(other) > _LONGEST:
        return one == other
    head, start = _LITERAL.match(one), _LITERAL.match(other)
    if head and start and head[0][: len(start[0])] != start[0][: len(head[0])]:
        return False
    row = _first_row(other)
    for symbol in one:
        row = _next_row(symbol, other, row)
    return row[-1]


def _first_row(other: str) -> list[bool]:
    row = [True]
    for symbol in other:
        row.append(row[-1] and symbol == "*")
    return row


def _next_row(symbol: str, other: str, above: list[bool]) -> list[bool]:
    """Can the pattern up to `symbol` meet each beginning of `other`?"""
    row = [above[0] and symbol == "*"]
    for at, letter in enumerate(other):
        if symbol == "*" or letter == "*":
            row.append(row[at] or above[at + 1])
        else:
            row.append(above[at] and (symbol == letter or "?" in (symbol, letter)))
    return row
