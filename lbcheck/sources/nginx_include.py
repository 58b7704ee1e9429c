"""Replace each `include` of an nginx configuration by the directives of the files it names.

nginx reads an include in place and takes relative names from the folder of the *main* file, not
of the including one (seen on 1.22.1 and 1.31.3). A name with `*`, `?` or `[` is a pattern that may
match nothing; its matches are read in byte order. Any other name must exist.

Configurations are mostly audited in a checkout, where `/etc/nginx/conf.d/x.conf` lies elsewhere:
an absolute name is first looked for by its tail (`etc/nginx/conf.d/x.conf`, `nginx/conf.d/x.conf`,
`conf.d/x.conf`) below the main file's folder and the folders above it up to the audited one, then
as it is written. Files outside of the checkout are not read: those of the machine lbcheck runs on
do not stand in for its own. A tail of one word counts only behind a folder such as `nginx`.

An `include` that stays in the tree was not read and may set anything; its source has the reason
as a trouble.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from lbcheck.model import Source, Trouble
from lbcheck.sources.files import Files
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_dump import Dump, is_dump
from lbcheck.sources.nginx_glob import NotFoundError, expand, is_pattern
from lbcheck.sources.nginx_link import edited
from lbcheck.sources.nginx_reader import Memo, Reader
from lbcheck.sources.nginx_template import has_placeholder

MAX_DEPTH = 32
MAX_DIRECTIVES = 1_000_000
"""an upper bound of what files that are included again and again may add; a block, which costs
twenty times what a plain directive costs, counts as twenty"""
_BLOCK = 20
_MAX_TROUBLES = 1000
_MAX_PARENTS = 8
_ROOTS = frozenset({"nginx", "conf", "openresty", "angie", "tengine", "freenginx"})
_INSTALLED = ("/etc/", "/usr/", "/opt/")
_SILENT = frozenset(
    """mime.types fastcgi_params fastcgi.conf uwsgi_params scgi_params
    koi-utf koi-win win-utf""".split()
)
"""files of the distribution that say nothing about WebSockets and are seldom checked in"""
_TLS_ALONE = frozenset({"options-ssl-nginx.conf", "snakeoil.conf"})
"""files of certbot and Debian that are to be there, and set `ssl_` statements and nothing else:
what is known of their level is known without them"""


def load(main: Source, files: Files) -> list[Directive]:
    """The directives of a main file with all it includes; never raises.

    Output of `nginx -T` is read as the files it consists of: includes are looked up among them
    and every offset points into the output itself. Directives of a file that is included twice
    are in the tree twice, as the same objects.
    """
    return _loaded(main, files).directives


def reach(mains: Sequence[Source], files: Files) -> set[str]:
    """The paths of all files that these main files include, and those of links to them."""
    paths: set[str] = set()
    for main in mains:
        loader = _loaded(main, files)
        included = (source.path for source in loader.sources if source is not main)
        paths.update(path for path in included if path is not None)
    return paths.union(link for link, real in files.links.items() if real in paths)


def touched(mains: Sequence[Source], files: Files) -> list[Source]:
    """These main files and all they include, each once, in the order of reading."""
    return list(dict.fromkeys(s for main in mains for s in _loaded(main, files).sources))


def _loaded(main: Source, files: Files) -> _Loader:
    known = files.trees.get(main)
    if not isinstance(known, _Loader):
        known = files.trees[main] = _Loader(main, files)
    return known


class _Part:
    """A stretch of a source that is one configuration file: all of it, or a part of a dump."""

    __slots__ = ("end", "key", "source", "start")

    def __init__(self, key: str, source: Source, start: int, end: int) -> None:
        self.key, self.source, self.start, self.end = key, source, start, end


class _Loader:
    """The tree of one main file. Every file is parsed once; `_open` are those being read now."""

    def __init__(self, main: Source, files: Files) -> None:
        self.sources: dict[Source, None] = {main: None}
        self._unread: set[Directive] = set()
        self.directives: list[Directive] = []
        self._main, self._files = main, files
        self._memo: Memo = {}
        self._done: dict[str, tuple[list[Directive], int]] = {}
        self._open: list[str] = []
        self._folders: dict[str, str] = {}
        self._repeated = 0
        self._dump: Dump | None = None
        self._tops: set[str] | None = None
        if not main.unread:
            self.directives = self._read(self._first())[0]
        self._memo = {}

    def _first(self) -> _Part:
        text = self._main.text or ""
        if is_dump(text):
            self._dump = Dump(text)
            return _Part(self._dump.main, self._main, *self._dump.parts[self._dump.main])
        key = os.path.realpath(self._main.path) if self._main.path else ""
        return _Part(key, self._main, 0, len(text))

    def _read(self, part: _Part) -> tuple[list[Directive], int]:
        """The directives of a file, and how many they are with all that is included."""
        known = self._done.get(part.key)
        if known:
            return known
        self._open.append(part.key)
        reader = Reader(part.source, part.start, part.end, self._memo)
        directives = reader.read()
        text = reader.original
        blocks = text.count("{", part.start, part.end)
        size = text.count(";", part.start, part.end) + _BLOCK * blocks
        for holder in {id(holder): holder for holder in reader.holders}.values():
            replaced, more = self._replaced(holder)
            holder[:] = replaced
            size += more
        self._open.pop()
        self._done[part.key] = directives, size
        return directives, size

    def _replaced(self, holder: list[Directive]) -> tuple[list[Directive], int]:
        """The list with its includes replaced, and how many directives that adds."""
        new: list[Directive] = []
        added = 0
        for directive in holder:
            if directive.name != "include" or directive.block is not None:
                new.append(directive)
                continue
            parts = self._parts(directive)
            for part in parts:
                again = part.key in self._done
                inner, count = self._read(part)
                self._repeated += count if again else 0
                if again and self._repeated > MAX_DIRECTIVES:
                    message = f"includes multiply to more than {MAX_DIRECTIVES:,} directives"
                    _trouble(directive, message, "include each file fewer times")
                    self._unread.add(directive)
                    break
                added += count
                new.extend(inner)
            if directive in self._unread:
                new.append(directive)
        return new, added

    def _parts(self, include: Directive) -> list[_Part]:
        """The files an include names and that can be read; what cannot is noted."""
        try:
            found = list(self._found(self._name(include)))
        except NotFoundError as error:
            if len(include.args) != 1 or not _silent(include.args[0]):
                if os.path.basename(include.args[-1] if include.args else "") not in _TLS_ALONE:
                    self._unread.add(include)
                _trouble(include, str(error), error.remedy)
            return []
        return [part for part in found if self._readable(include, part)]

    def _name(self, include: Directive) -> str:
        """The name or pattern, if it can be followed at all. Raises NotFoundError."""
        if len(include.args) != 1:
            raise NotFoundError("`include` takes one name", "write one `include` for each file")
        name = include.args[0]
        if has_placeholder(name):
            raise NotFoundError(f"`{name}` is not known before it is rendered", "render it first")
        if len(self._open) >= MAX_DEPTH:
            raise NotFoundError(f"includes are nested deeper than {MAX_DEPTH}", "flatten them")
        return name

    def _readable(self, include: Directive, part: _Part) -> bool:
        if part.key in self._open:
            name = include.args[0]
            _trouble(include, f"`{name}` is included by itself", "remove this include")
        elif not part.source.unread:
            return True
        self._unread.add(include)
        return False

    def _found(self, name: str) -> Iterator[_Part]:
        if self._dump is not None:
            for key in self._dump.expand(name):
                yield _Part(key, self._main, *self._dump.parts[key])
            return
        for path in self._paths(name):
            real = edited(path, self._candidates, self._within)
            if real != path:
                self._files.links[path] = real
            source = self._files.open(real, "nginx")
            self.sources[source] = None
            yield _Part(self._real(real), source, 0, len(source.text or ""))

    def _real(self, path: str) -> str:
        """The path without links. Folders are asked once: each look at one is a system call."""
        if os.path.islink(path):
            return os.path.realpath(path)
        folder, name = os.path.split(path)
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = os.path.realpath(folder)
        return os.path.join(known, name)

    def _paths(self, name: str) -> list[str]:
        """Where the files of an include are. Raises NotFoundError for a name that must exist."""
        candidates = [path for path in self._candidates(name) if self._within(path)]
        if is_pattern(name):
            return next(filter(None, map(expand, candidates)), [])
        for candidate in candidates:
            if os.path.exists(candidate):
                return [candidate]
        if not candidates:
            raise NotFoundError(
                f"the included file `{name}` lies outside of what is audited",
                "run lbcheck in the folder that holds both, or remove the include",
            )
        places = _list(candidates, self._files)
        raise NotFoundError(
            f"the included file `{name}` does not exist",
            f"looked for {places}; add it to what is audited, or remove the include",
        )

    def _within(self, path: str) -> bool:
        """May this file be read? In a checkout only what belongs to it: neither the machine's own
        /etc/nginx nor a file with secrets that a change names. An installed configuration
        (below /etc, /usr or /opt) is read as nginx would."""
        main = self._main.path or ""
        if self._tops is None:
            from lbcheck.repository import root_of

            self._tops = {
                self._files.folder,
                os.path.dirname(main),
                root_of(os.path.dirname(main)),
            } - {""}
        real = os.path.normpath(path)
        within = any(real.startswith(top.rstrip("/") + "/") for top in self._tops)
        return within or main.startswith(_INSTALLED)

    def _candidates(self, name: str) -> Iterator[str]:
        for base in self._bases(is_pattern(name) and not os.path.isabs(name)):
            for tail in _tails(name):
                yield os.path.join(base, tail)
        if os.path.isabs(name):
            yield name

    def _bases(self, only_first: bool) -> Iterator[str]:
        """The main file's folder, then those above it as long as they are being audited."""
        top = self._files.folder
        folder = os.path.dirname(self._main.path) if self._main.path else top
        yield folder
        for _ in range(0 if only_first else _MAX_PARENTS):
            if folder == top or not folder.startswith(top.rstrip("/") + "/"):
                return
            folder = os.path.dirname(folder)
            yield folder


def _tails(name: str) -> Iterator[str]:
    if not os.path.isabs(name):
        yield name
        return
    parts = [part for part in name.split("/") if part]
    for cut in range(len(parts)):
        if is_pattern(parts[cut]) and cut < len(parts) - 1:
            return  # `*/*.conf` names whatever lies there
        if len(parts) - cut > 1 or (cut and parts[cut - 1] in _ROOTS):
            yield "/".join(parts[cut:])


def _silent(name: str) -> bool:
    return os.path.basename(name) in _SILENT or "modules-enabled" in name.split("/")


def _list(paths: Iterable[str], files: Files) -> str:
    first = [f"`{files.shown(path)}`" for path in paths]
    return first[0] if len(first) == 1 else f"{first[0]} and {len(first) - 1} other places"


def _trouble(include: Directive, message: str, remedy: str) -> None:
    troubles = include.source.troubles
    trouble = Trouble(message, include.start, include.end, remedy)
    if len(troubles) < _MAX_TROUBLES and trouble not in troubles:
        troubles.append(trouble)
