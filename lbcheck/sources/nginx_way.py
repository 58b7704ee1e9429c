"""The ways through a configuration: each block that proxies, and which requests end there."""

from __future__ import annotations

from lbcheck.model import Belief, Declared, Level
from lbcheck.sources.nginx_address import Destination
from lbcheck.sources.nginx_flow import Landing, Site, plain
from lbcheck.sources.nginx_header import Headers, Sets
from lbcheck.sources.nginx_map import Maps, Variables
from lbcheck.sources.nginx_match import parts, passes
from lbcheck.sources.nginx_pool import Draft
from lbcheck.sources.nginx_rewrite import Run
from lbcheck.sources.nginx_scope import Kind, Root, Scope, covers_all
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_target import Targets
from lbcheck.sources.nginx_twin import Twins

UNKNOWN = Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")


class Way:
    """A location (or an `if` in one) that proxies. `redirect` and `answered` are how a handshake
    ends that never leaves it; `there` is where its URL leads."""

    __slots__ = (
        "answered", "belief", "forwards", "headers", "pools", "redirect", "scope", "site", "slash",
        "statement", "there", "variables",
    )  # fmt: skip

    def __init__(self, scope: Scope, site: Site, statement: Directive, sets: Sets) -> None:
        self.scope = scope
        self.site = site
        self.statement = statement
        self.headers: Headers | None = sets.in_force(scope)
        self.variables: Variables = site.variables
        self.forwards = False
        self.belief = UNKNOWN
        self.pools: list[Draft] = []
        self.there: list[Destination] = []
        self.redirect: Landing | None = None
        self.answered: Landing | None = None
        self.slash = False


class Ways:
    """All ways of one main file, and what is known about the handshakes that take them.

    `declared`: the profile's path that ends in a block; `handed`: the location of another server
    whose handshakes come to it; `reached`: how requests of another location come to it; `moved`:
    blocks whose handshakes run elsewhere; `refused`: redirects that a declared path meets where
    nothing proxies; `answered`: other answers to one; `carried`: declared paths that something
    hands on, or may.
    """

    __slots__ = (
        "_by_site", "_headed", "_led", "_named", "_owners", "_targets", "_twins", "answered",
        "by_scope", "carried", "declared", "excluded", "handed", "moved", "reached", "refused",
        "root", "sets", "sites",
    )  # fmt: skip

    def __init__(self, root: Root, maps: Maps, said: Declared) -> None:
        self.root = root
        self.sets = Sets(maps)
        self.sites = [Site(server, maps, root.stands_for(server)) for server in root.servers]
        self.by_scope: dict[Scope, Way] = {}
        self._by_site: dict[Site, list[Way]] = {site: [] for site in self.sites}
        self._twins: Twins | None = None
        self._headed: dict[Site, bool] = {}
        self._led: dict[Site, frozenset[str]] = {}
        self._targets: dict[Site, Targets] = {}
        self.declared: dict[Scope, str] = {}
        self.excluded: set[Scope] = set()
        self.handed: dict[Scope, str] = {}
        self.moved: set[Scope] = set()
        self.reached: dict[Scope, list[Landing]] = {}
        self.refused: list[tuple[Site, Landing]] = []
        self.answered: list[tuple[Site, Landing, str]] = []
        self.carried: set[str] = set()
        for site in self.sites:
            self._collect(site)
        self._named: set[Site] = set()
        self._owners = {way.site for way in self.by_scope.values() if way.forwards}
        for path in said.websocket_paths:
            self._everything(said) if path == "/" else self._declare(path)
        for path in said.not_websocket_paths:
            self._exclude(path)

    def of(self, site: Site) -> list[Way]:
        """The ways of a server in the order of the text."""
        return self._by_site[site]

    @property
    def twins(self) -> Twins:
        """The servers with TLS that proxy."""
        if self._twins is None:
            self._twins = Twins(site for site in self.sites if site.tls and self.of(site))
        return self._twins

    def sets_upgrade(self, site: Site) -> bool:
        """Does any level of this server set `Upgrade`, to whatever value?"""
        if site not in self._headed:
            sets = [way.headers for way in self.of(site)]
            self._headed[site] = any(each and "upgrade" in each.by_name for each in sets)
        return self._headed[site]

    def targets(self, site: Site) -> Targets:
        """Where the statements of a server send requests to."""
        if site not in self._targets:
            self._targets[site] = Targets(site.scope)
        return self._targets[site]

    def owner(self, site: Site) -> bool:
        """Does a location of this server forward the upgrade for sure?"""
        return site in self._owners

    def led(self, site: Site) -> frozenset[str]:
        """The pools and hosts that locations of this server forward the upgrade to: their names
        tell of those locations, and of no other one."""
        if site not in self._led:
            forwarding = [way for way in self.of(site) if way.forwards]
            named = {each.upstream or each.host for way in forwarding for each in way.there}
            self._led[site] = frozenset(named)
        return self._led[site]

    def settled(self, site: Site) -> bool:
        """Is it known, from the headers or the profile, which locations carry WebSockets here?"""
        return site in self._owners or site in self._named

    def _collect(self, site: Site) -> None:
        pending = list(reversed(site.scope.children))
        if site.scope.directive is None and "proxy_pass" in site.scope.own:
            pending.append(site.scope)
        while pending:
            scope = pending.pop()
            if scope is not site.scope:
                pending.extend(reversed(scope.children))
            statement = scope.own.get("proxy_pass")
            way = Way(scope, site, statement, self.sets) if statement is not None else None
            if way is not None:
                self.by_scope[scope] = way
                self._by_site[site].append(way)
            if scope.kind is Kind.LOCATION and not plain(scope):
                self._trace(scope, site)
            if way is not None:
                way.forwards = self.sets.forwards(way.headers, way.variables)

    def _trace(self, scope: Scope, site: Site) -> None:
        modifier, pattern = parts(scope)
        path = pattern if modifier in ("", "=", "^~") else None
        landing = site.ended or site.follow(scope, path)
        way = self.by_scope.get(scope)
        if way is not None:
            way.variables = landing.variables or site.variables
        if landing.outcome is not None and landing.decided:
            self.moved.add(scope)
            if way is not None and 300 < landing.outcome.status < 309:
                way.redirect = landing
            elif way is not None:
                way.answered = landing
        elif landing.scope is not scope and landing.decided:
            self.moved.add(scope)
            self.reached.setdefault(landing.scope, []).append(landing)

    def _declare(self, path: str) -> None:
        """A declared path ends somewhere in each server. Where one has a location for it (or
        forwards the upgrade there), the others' catch-all locations mean something else."""
        ends = [(site, site.land(path)) for site in self.sites]
        landings = [(site, landing) for site, landing in ends if landing.decided]
        if len(landings) < len(ends) or any(_hands_on(landing) for _, landing in landings):
            self.carried.add(path)
        strong = [pair for pair in landings if self._strong(*pair)]
        proxied = any(landing.scope in self.by_scope for _, landing in landings)
        for site, landing in strong or landings:
            if landing.outcome is not None and 300 < landing.outcome.status < 309:
                if not proxied or not covers_all(landing.first):
                    self.refused.append((site, landing))
            elif not _hands_on(landing) and landing.scope not in self.by_scope:
                self.answered.append((site, landing, path))
            elif landing.scope in self.by_scope and landing.outcome is None:
                self.declared.setdefault(landing.scope, path)
                self._named.add(site)
                if landing.slash:
                    self.by_scope[landing.scope].slash = True

    def _strong(self, site: Site, landing: Landing) -> bool:
        way = self.by_scope.get(landing.scope)
        specific = landing.first is not site.scope and not covers_all(landing.first)
        return (specific and passes(landing.scope)) or (way is not None and way.forwards)

    def _everything(self, said: Declared) -> None:
        """`/` is declared: every request, but not those that an exact location takes, not where
        handshakes are sent elsewhere, and not beside a location that alone forwards the upgrade."""
        for site in self.sites:
            owner = self.owner(site)
            for way in self.of(site):
                modifier, pattern = parts(way.scope)
                plain_http = modifier == "=" or pattern == said.health_path
                if way.scope in self.moved and way.redirect is None:
                    continue
                if way.forwards or not (plain_http or (owner and not covers_all(way.scope))):
                    self.declared.setdefault(way.scope, "/")
            landing = site.land("/")
            if landing.decided and landing.outcome is not None and not self.by_scope:
                self.refused.append((site, landing))

    def _exclude(self, path: str) -> None:
        for site in self.sites:
            landing = site.land(path)
            if landing.decided and not covers_all(landing.first):
                self.excluded.add(landing.scope)


def _hands_on(landing: Landing) -> bool:
    """FastCGI gives an answer and takes no frames (1.22.1 and 1.31.3 close it after a 101)."""
    to_script = "fastcgi_pass" in landing.scope.own
    return landing.outcome is None and passes(landing.scope) and not to_script


def run_of(way: Way) -> Run:
    """The rewrite phase of a way's own block, for what its `if` statements ask."""
    scope = way.scope.outer if way.scope.kind is Kind.IF and way.scope.outer else way.scope
    return Run(way.site.maps, way.site.variables, None).through(scope.steps)
