"""Find the files within the output of `nginx -T`."""

from __future__ import annotations

import os
import re

from lbcheck.regex import regex
from lbcheck.sources.nginx_glob import NotFoundError, is_pattern, matching

_TITLE = "# configuration file /"
_HEADER = regex(r"# configuration file (/[^\n]*):\r?(?:\n|\Z)")
_MESSAGE = regex(r"(?:[ \t\r]*+\n|nginx: [^\n]*+\n)*+")
"""what `nginx -T 2>&1` says before the first file"""


def is_dump(text: str) -> bool:
    """Does the text start as the output of `nginx -T` does?"""
    if _TITLE not in text:
        return False
    before = _MESSAGE.match(text)
    return _header(text, before.end() if before else 0) is not None


class Dump:
    """The files of one output: `parts` are their offsets by name, `main` is the first."""

    def __init__(self, text: str) -> None:
        self.parts: dict[str, tuple[int, int]] = {}
        headers = list(_headers(text))
        stops = [header.start() for header in headers[1:]] + [len(text)]
        for header, stop in zip(headers, stops, strict=True):
            self.parts.setdefault(header[1], (header.end(), stop))
        self.main = headers[0][1]

    def expand(self, name: str) -> list[str]:
        """The names of the files an include stands for. Raises NotFoundError."""
        path = os.path.normpath(os.path.join(os.path.dirname(self.main), name))
        if is_pattern(name):
            return sorted((known for known in self.parts if _fits(known, path)), key=os.fsencode)
        for known in self.parts:
            if os.path.normpath(known) == path:
                return [known]
        raise NotFoundError(
            f"the included file `{name}` is not in this output of `nginx -T`",
            f"it would be `{path}`; save the whole output",
        )


def _fits(known: str, pattern: str) -> bool:
    names, parts = os.path.normpath(known).split("/"), pattern.split("/")
    return len(names) == len(parts) and all(
        matching([name], part) for name, part in zip(names, parts, strict=True)
    )


def _headers(text: str) -> list[re.Match[str]]:
    found, at = [], 0
    while at >= 0:
        header = _header(text, at)
        if header:
            found.append(header)
        at = text.find(f"\n{_TITLE}", at) + 1 or -1
    return found


def _header(text: str, at: int) -> re.Match[str] | None:
    return _HEADER.match(text, at)
