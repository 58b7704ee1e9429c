"""Read files once, whole, within bounds, without ever changing a byte of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from types import MappingProxyType

from lbcheck.model import Source, Trouble

DEFAULT_MAX_BYTES = 50_000_000
_NONE: Mapping[str, str] = MappingProxyType({})


class Files:
    """The files of one audit. Each is read once, however often it is included.

    Args: max_bytes: a larger file is not read; folder: names are shown relative to it, unless they
    are to be `absolute`; texts: absolute path -> what is read in place of what the file holds.
    """

    def __init__(
        self,
        max_bytes: int = DEFAULT_MAX_BYTES,
        folder: str | None = None,
        texts: Mapping[str, str] = _NONE,
        *,
        absolute: bool = False,
    ) -> None:
        self.max_bytes = max_bytes
        self.absolute = absolute
        self._texts = texts
        self.folder = os.path.realpath(folder or os.getcwd())
        self._sources: dict[str, Source] = {}
        self.links: dict[str, str] = {}
        """links that were included, and the files that were read for them"""
        self.trees: dict[Source, object] = {}
        """what readers have made of a source, so that it is parsed once however many ask"""
        self.kept: list[object] = []
        """what else they have made, which nobody needs to free before this"""

    def open(self, path: str, kind: str) -> Source:
        """The source at a path; never raises.

        A file that cannot be read is `unread`, with the reason as a trouble. Text is decoded as
        UTF-8 with undecodable bytes kept (surrogateescape) and line ends as they are.
        """
        key = os.path.abspath(path)
        known = self._sources.get(key)
        if known is None:
            known = self._sources[key] = self._read(key, kind)
        return known

    def adopt(self, source: Source) -> Source:
        """Make a source that did not come from disk (standard input) part of this audit."""
        self._sources[source.path or f"<{source.name}>"] = source
        return source

    def shown(self, path: str) -> str:
        """A path as people see it: relative to the folder where that is shorter to read."""
        return path if self.absolute else self.relative(path)

    def relative(self, path: str) -> str:
        """A path as it is written in patterns."""
        top = self.folder.rstrip("/") + "/"
        if path.startswith(top) and os.path.normpath(path) == path:
            return path[len(top) :]  # nearly always, and a tenth of the time of relpath
        relative = os.path.relpath(path, self.folder)
        return path if relative.startswith("..") and os.path.isabs(path) else relative

    def _read(self, path: str, kind: str) -> Source:
        source = Source(self.shown(path), kind, "", path)
        if path in self._texts:
            source.text = self._texts[path]
            return source
        try:
            info = os.stat(path)
            if not stat.S_ISREG(info.st_mode):
                return _unread(source, "is not a regular file", "name a file or a folder")
            if info.st_size > self.max_bytes:
                size = f"is larger than {self.max_bytes:,} bytes"
                return _unread(
                    source, size, "raise --max-file-size if it is really a configuration"
                )
            with open(path, "rb") as file:
                # room for max_bytes each time costs 50 us a file; /proc and the like say size 0
                data = file.read((info.st_size or self.max_bytes) + 1)
        except OSError as error:
            return _unread(
                source,
                f"cannot be read: {error.strerror}",
                "check that it exists and its permissions",
            )
        if b"\0" in data:
            return _unread(source, "is not text (it has a NUL byte)", "leave it out")
        source.text = data.decode("utf-8", "surrogateescape")
        return source


def _unread(source: Source, message: str, remedy: str) -> Source:
    source.unread = True
    source.troubles.append(Trouble(message, remedy=remedy))
    return source
