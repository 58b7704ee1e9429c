"""Which location of an nginx takes a handshake for a URL: server by port and name, then path.

The server is chosen as nginx does it: among those that listen on the port the exact name, then the
longest name with a star in front, with one behind, the first expression, then the default server
(ngx_http_core_module, server_name). The port of a URL may be that of a balancer or a container in
front: where no server listens there, all are looked at, and the name has to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lbcheck.model import Visit
from lbcheck.regex import regex
from lbcheck.sources import nginx_pattern
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_map import opaque
from lbcheck.sources.nginx_scope import Scope
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_twin import names_of
from lbcheck.sources.nginx_way import Ways

_PORT = regex(r"(?:(.*):)?([0-9]{1,5})")
_ANY = frozenset(["", "*", "0.0.0.0", "[::]"])
_EXACT, _FRONT, _BEHIND, _PATTERN = 4, 3, 2, 1
"""how well a name fits; the longest of one kind counts"""


def taken(ways: Ways, visits: Iterable[Visit]) -> dict[Scope, tuple[Visit, ...]]:
    """The blocks where these handshakes surely end, if they come to this nginx."""
    found: dict[Scope, tuple[Visit, ...]] = {}
    for visit in visits:
        site = _site(ways.sites, visit, ways.root.whole)
        landing = site.land(visit.path) if site is not None else None
        if landing is not None and landing.decided:
            found[landing.scope] = (*found.get(landing.scope, ()), visit)
    return found


def _site(sites: Sequence[Site], visit: Visit, whole: bool) -> Site | None:
    """The server that takes a handshake; None: it cannot be told, or may be in another file."""
    there = [site for site in sites if _listening(site, visit.port)]
    if len({_address(each) for site in there for each in _listening(site, visit.port)}) > 1:
        return None  # the address that the client came to decides
    named = _named(there or sites, visit.host)
    if named is None:
        return None
    if named and there:
        return named[0]  # of two with one name and port nginx takes the first, and warns
    if named:
        alike = named if len(named) == 1 else [site for site in named if site.tls is visit.tls]
        return alike[0] if len(alike) == 1 else None
    return _without_name(sites, there, visit.port) if whole else None


def _without_name(sites: Sequence[Site], there: Sequence[Site], port: int) -> Site | None:
    """The server for a name that none has: the default one of the port, or the only one."""
    if not there:
        return sites[0] if len(sites) == 1 else None
    return next((site for site in there if _is_default(site, port)), there[0])


def _named(sites: Sequence[Site], host: str) -> list[Site] | None:
    """The servers whose name fits best, none where no name fits; None: it cannot be told."""
    best = 0, 0
    found: list[Site] = []
    for site in sites:
        for name in names_of(site.scope):
            fit = _fit(name.lower(), host.lower())
            if fit is None:
                return None
            if fit > best:
                best, found = fit, []
            if fit == best != (0, 0):
                found.append(site)
    return found[:1] if best[0] == _PATTERN else found


def _fit(name: str, host: str) -> tuple[int, int] | None:
    """How well a name fits a host: (0, 0) not at all; None: that cannot be told."""
    if name.startswith("~"):
        hit = nginx_pattern.matches(name[1:], host, True)
        return None if hit is None else (_PATTERN, 0) if hit else (0, 0)
    if opaque(name):
        return None
    if name in (host, f".{host}"):
        return _EXACT, 0
    if name.startswith(("*.", ".")) and host.endswith(name.lstrip("*")):
        return _FRONT, len(name)
    if name.endswith(".*") and host.startswith(name[:-1]):
        return _BEHIND, len(name)
    return 0, 0


def _listening(site: Site, port: int) -> list[Directive]:
    """Its statements for a port, and those of which the port is not known."""
    listens = site.scope.every("listen")
    return [each for each in listens if each.args and _split(each.args[0])[1] in (port, None)]


def _split(text: str) -> tuple[str, int | None]:
    """Address and port of a `listen` (0: a Unix socket); None: not known."""
    if opaque(text):
        return text, None
    if text.startswith("unix:"):
        return text, 0
    match = _PORT.fullmatch(text)
    return (match[1] or "", int(match[2])) if match else (text, 80)


def _address(listen: Directive) -> str:
    address = _split(listen.args[0])[0]
    return "" if address in _ANY else address


def _is_default(site: Site, port: int) -> bool:
    listens = _listening(site, port)
    return any("default_server" in each.args or "default" in each.args for each in listens)
