"""What changes in a file, as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

from difflib import unified_diff

from lbcheck.reporters.visible import visible
from lbcheck.secret import masked

_UNENDED = "\\ No newline at end of file\n"


def diff(name: str, before: str, after: str) -> str:
    """The difference between two texts of one file. Where it would show control characters or
    secrets in plain sight it has escapes and `***` instead, and is no patch any more.

    Args: name: the file as people see it.
    """
    old, new = _lines(masked(before)), _lines(masked(after))
    return "".join(_shown(line) for line in unified_diff(old, new, f"a/{name}", f"b/{name}"))


def _lines(text: str) -> list[str]:
    """Lines with their ends: other than for `str.splitlines` nothing but a line feed ends one."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + [last] * bool(last)


def _shown(line: str) -> str:
    """One line, safe for a terminal; its line end stays as it is."""
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    kept = "\t".join(visible(part) for part in text.split("\t"))
    return kept + (end or f"\n{_UNENDED}")
