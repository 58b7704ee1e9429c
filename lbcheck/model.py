"""What a load balancer does with WebSockets, in one vocabulary for every vendor.

Readers resolve their vendor's semantics (inheritance, defaults, order) and fill these
values; rules only compare them. Nothing here imports the rest of lbcheck. It is one file, long as
it is, because it is read as a whole: the contract between readers and rules.

Units: every time is in seconds (float, `math.inf` means "never"); offsets are character
offsets into `Source.text`; lines and columns are 1-based.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from enum import Enum, IntEnum
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Vendor(Enum):
    NGINX = "nginx"
    HAPROXY = "haproxy"
    AWS = "aws"


class Status(Enum):
    """How much of a source was understood. Anything but READ makes the result incomplete."""

    READ = "read"
    PARTIAL = "partial"
    UNREAD = "unread"


class Trouble(Struct, frozen=True):
    """Something in a source that could not be read: where, and what to do about it."""

    message: str
    start: int = 0
    end: int = 0
    remedy: str = ""


class Source:
    """A file, a standard input, or one AWS account and region.

    `name` is the path as it is shown to people, `path` where it is on disk (None: nowhere);
    `text` is None where there is no text to point into (a live AWS account). `troubles` is
    what could not be read, `invalid` what the vendor will refuse. `rootless`: a fragment whose
    WebSocket routes depend on the file that includes it, and that file was not seen. `not_asked`
    is what would have told more and was refused, though nothing depends on it. `passed_over`
    counts, by kind, what nobody reads though it leads requests, and nothing there speaks of
    WebSockets; `nothing_else`: there is nothing in it that is read. `roots` names the sources (or
    the folder) that it is read through or with: those that share one decide together what is true
    of each. Empty: not known. `origins`: where else it is said what stands between two offsets
    (the default of a variable, a condition), and what that is. `assumed`: what was taken for
    granted, and may be otherwise. `left_out`: it was read for what others need of it, and nothing
    is told of it (`--exclude`).
    """

    __slots__ = (
        "_starts",
        "assumed",
        "invalid",
        "kind",
        "left_out",
        "name",
        "not_asked",
        "nothing_else",
        "origins",
        "passed_over",
        "path",
        "rootless",
        "roots",
        "text",
        "troubles",
        "unread",
    )

    def __init__(self, name: str, kind: str, text: str | None, path: str | None = None) -> None:
        self.name = name
        self.kind = kind
        self.text = text
        self.path = path
        self.troubles: list[Trouble] = []
        self.invalid: list[Invalid] = []
        self.not_asked: tuple[str, ...] = ()
        self.passed_over: dict[str, int] = {}
        self.nothing_else = False
        self.left_out = False
        self.assumed: dict[str, None] = {}
        self.roots: tuple[str, ...] = ()
        self.origins: dict[tuple[int, int], dict[Span, str]] = {}
        self.unread = False
        self.rootless = False
        self._starts: list[int] | None = None

    @property
    def status(self) -> Status:
        if self.unread:
            return Status.UNREAD
        return Status.PARTIAL if self.troubles else Status.READ

    @property
    def told(self) -> tuple[int, int]:
        """How many faults are known so far."""
        return len(self.troubles), len(self.invalid)

    def forget(self, told: tuple[int, int]) -> None:
        """Forget the faults that came since: it is read again."""
        del self.troubles[told[0] :], self.invalid[told[1] :]

    @property
    def starts(self) -> list[int]:
        """The offset at which each line starts; computed on first use."""
        if self._starts is None:
            text = self.text or ""
            starts = [0]
            at = text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = text.find("\n", at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (1-based, in characters) of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line without its line end."""
        starts, text = self.starts, self.text or ""
        stop = starts[number] - 1 if number < len(starts) else len(text)
        return text[starts[number - 1] : stop].rstrip("\r")


class Span(Struct, frozen=True, gc=False):
    """A stretch of a source's text: `source.text[start:end]`."""

    source: Source
    start: int
    end: int


class Pointer(Struct, frozen=True, gc=False):
    """A place in an AWS answer: the keys and indices that lead to it, and whose it is.

    `path` leads into the snapshot document, e.g. `("TargetGroups", 3, "ProtocolVersion")`;
    `resource` is the ARN (or name) a person looks for in the console.
    """

    source: Source
    path: tuple[str | int, ...]
    resource: str


Place = Span | Pointer


class Origin(Enum):
    SET = "set"
    """written on the thing itself"""
    INHERITED = "inherited"
    """written on an outer level (http, defaults, default-server ...)"""
    DEFAULT = "default"
    """written nowhere: the vendor's documented default"""


class Setting(Struct, Generic[T], frozen=True, gc=False):
    """A value in force, in the vendor's own word, and where it comes from.

    `place` is the statement that sets it; for a default it is the opening line of the
    block it applies to. `assumed` names what a value rests on: a version ("nginx before
    1.29.7"), or that "no outer file sets it"; None where nothing is assumed. `unitless` marks a
    time written as a bare number where the unit makes a difference.
    """

    name: str
    value: T
    origin: Origin
    place: Place
    assumed: str | None = None
    unitless: bool = False


class Effect(Enum):
    """Why a statement that somebody wrote does nothing (or not what it was written for)."""

    HEADERS_REPLACED = "headers-replaced"
    """outer headers lost because an inner level sets one of its own"""
    HOST_REPLACED = "host-replaced"
    """the same of `Host`, where the headers of the handshake are there"""
    UNREACHED = "unreached"
    """headers in a place where the request does not run"""
    SHADOWED = "shadowed"
    """a route that an earlier or stronger match takes over"""
    MAP_BROKEN = "map-broken"
    """a map or variable that does not yield what the handshake needs"""
    CASE_SENSITIVE = "case-sensitive"
    """an Upgrade match that misses clients which write it differently"""
    HTTP2_MISSED = "http2-missed"
    """a match that misses WebSockets over HTTP/2 (RFC 8441)"""
    CHECK_INEFFECTIVE = "check-ineffective"
    """health-check statements that check nothing"""
    CHECK_OVERRIDDEN = "check-overridden"
    """a health check replaced by another check type"""
    PARAMETERS_UNUSED = "parameters-unused"
    """parameters of a health check that the target does not have"""
    TIMEOUT_INEFFECTIVE = "timeout-ineffective"
    """a timeout where the vendor ignores it"""
    WRONG_TIMEOUT = "wrong-timeout"
    """a timeout that acts, though not on the silence of a WebSocket"""
    FOREIGN = "foreign"
    """a setting of another balancer, which the one that serves this does not read"""
    IGNORED = "ignored"
    """any other setting that the vendor does not read: about draining, stickiness ..."""
    FALLBACK_BLIND = "fallback-blind"
    """a question for living targets whose answer is always yes"""
    WRONG_MODE = "wrong-mode"
    """a test of the request where requests are not read"""
    STICKINESS_BROKEN = "stickiness-broken"
    """something that was to keep clients at their target, and does not"""
    STICKINESS_FRAGILE = "stickiness-fragile"
    """a limit, left at its default, at which one failure moves clients elsewhere"""
    STICKINESS_LEFT = "stickiness-left"
    """parts of a stickiness that is switched off, perhaps on purpose"""
    ORDER = "order"
    """a statement that one below it replaces"""
    UNSUPPORTED = "unsupported"
    """what this version or edition does not know, or takes for something else"""
    KEEPALIVE_DEFEATED = "keepalive-defeated"
    """connections to targets that are meant to be kept, and are closed after each request"""
    STATE_NOT_KEPT = "state-not-kept"
    """the state of servers is written, but nothing reads it back after a reload"""


class Ineffective(Struct, frozen=True, gc=False):
    """A statement without effect, on the thing it was meant for.

    `setting` is the statement (its place is where a person must look), `reason` completes
    the sentence "`name` has no effect: ...", `cause` is the statement that defeats it.
    """

    effect: Effect
    setting: Setting[object]
    reason: str
    cause: Place | None = None


class Level(IntEnum):
    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class Invalid(Struct, frozen=True, gc=False):
    """A setting that its vendor refuses, so that a deployment fails halfway.

    `reason` completes the sentence "`name` is refused: ...".
    """

    vendor: Vendor
    setting: Setting[str]
    reason: str


class Belief(Struct, frozen=True, gc=False):
    """How sure it is that WebSockets pass here, and why ("Upgrade headers are forwarded").

    `declared`: the profile itself names the path; nothing was guessed.
    """

    level: Level
    evidence: str
    declared: bool = False


class State(Enum):
    """What a balancer does with a target. HEALTHY is also "nothing known against it"."""

    HEALTHY = "healthy"
    INITIAL = "initial"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"
    """takes no new connections but those that persistence leads to it (drain, weight 0)"""
    DOWN = "down"
    """taken out by hand: down, disabled, maintenance"""
    UNUSED = "unused"
    UNKNOWN = "unknown"

    def of(self, source: Source) -> str:
        """The word for it where this source says so: a file tells who is asked, not who is well."""
        return "in use" if self is State.HEALTHY and source.kind != "aws" else self.value


class Resolution(Enum):
    """When a target's name is turned into an address."""

    ADDRESS = "address"
    ONCE = "once"
    DYNAMIC = "dynamic"


class Leaving(Struct, frozen=True, gc=False):
    """Why a target that its pool takes for healthy is about to go.

    `place`: where that is said; `elsewhere`: another pool drains it already.
    """

    reason: str
    place: Place
    elsewhere: bool = False


class Target(Struct, frozen=True, gc=False):
    """One server of a pool. `address` is as written, `reason` the vendor's word on the state."""

    name: str
    address: str
    place: Place
    weight: Setting[int]
    state: State = State.HEALTHY
    state_place: Place | None = None
    reason: str = ""
    backup: bool = False
    checked: bool = True
    resolution: Resolution = Resolution.ADDRESS
    passive_off: Setting[int] | None = None
    """the statement that switches failure counting off (max_fails=0)"""
    cookie: str | None = None
    agent: bool = False
    """HAProxy: an agent tells what it can take; where the agent dies, that is ignored"""
    unreadable: bool = False
    """part of it is a placeholder or an unknown variable: never judge what is not known"""
    zone: str = ""
    """AWS: the availability zone it is in"""
    leaving: Leaving | None = None
    draining_s: float | None = None
    """how long it has been draining, where audits before have seen it as well"""


class CheckKind(Enum):
    NONE = "none"
    PASSIVE = "passive"
    CONNECT = "connect"
    HTTP = "http"
    HANDSHAKE = "handshake"
    """sends Upgrade headers"""
    OTHER = "other"
    """speaks another protocol (mysql, redis, ssl hello) or runs a program"""
    UNKNOWN = "unknown"


class StatusSet(Struct, frozen=True, gc=False):
    """HTTP statuses a health check takes for healthy: inclusive ranges, `text` as written."""

    ranges: tuple[tuple[int, int], ...]
    text: str

    def __contains__(self, status: int) -> bool:
        for low, high in self.ranges:  # noqa: SIM110 (a generator costs three times as much)
            if low <= status <= high:
                return True
        return False


class HealthCheck(Struct, frozen=True, gc=False):
    """How a balancer finds out that a target is dead, as it is really performed."""

    kind: CheckKind
    place: Place
    method: Setting[str] | None = None
    path: Setting[str] | None = None
    version: Setting[str] | None = None
    """HTTP version of the check request: "1.0" or "1.1" """
    host: Setting[str] | None = None
    port: Setting[str] | None = None
    """set only where it (or `addr`) differs from that of the traffic"""
    in_clear: Setting[str] | None = None
    """HAProxy: what makes the check speak in clear to a port that expects TLS"""
    accepts: Setting[StatusSet] | None = None
    interval: Setting[float] | None = None
    timeout: Setting[float] | None = None
    rise: Setting[int] | None = None
    fall: Setting[int] | None = None
    handshake_lacks: tuple[str, ...] = ()
    """what a handshake check is missing: "Connection: upgrade", "expect status 101" ..."""
    fast_interval: Setting[float] | None = None
    """HAProxy: the interval once a check has failed (fastinter)"""
    down_interval: Setting[float] | None = None
    """HAProxy: the interval while the target is down (downinter)"""
    starts_down: Setting[str] | None = None
    """HAProxy 3.1+: every target is down at each start until it was checked (init-state)"""
    gaps: tuple[str, ...] = ()
    """what an active check of nginx lacks to tell a dead target in time: "uri", "zone" ..."""

    @property
    def detection_s(self) -> float | None:
        """Seconds until a dead target is out: interval x fall + timeout (HAProxy 5.2, AWS)."""
        if self.interval is None or self.fall is None:
            return None
        later = (self.fast_interval or self.interval).value
        first = self.interval.value + later * (self.fall.value - 1)
        return first + (self.timeout.value if self.timeout else 0.0)

    @property
    def recovery_s(self) -> float | None:
        """Seconds until a target that is well again is back, at most: interval x rise."""
        if self.interval is None or self.rise is None:
            return None
        later = (self.fast_interval or self.interval).value
        return (self.down_interval or self.interval).value + later * (self.rise.value - 1)


class Persistence(Struct, frozen=True, gc=False):
    """Something that leads a returning client to the target it had before.

    `kind` is "cookie", "stick-table", "source", "hash", "use-server", "option persist",
    "force-persist"; `narrow`: restricted to a few clients (an ACL on source, header ...).
    """

    kind: str
    setting: Setting[str]
    narrow: bool = False


class Churn(Enum):
    """What a balance method does to connections that stay."""

    HASH = "hash"
    """most clients change their target when one comes or goes"""
    TURNS = "turns"
    """new ones go in turns, however many are open: who was away stays empty"""


class MassClose(Struct, frozen=True, gc=False):
    """A statement that cuts all open sockets of a target in one moment.

    `what` completes "cuts every open WebSocket ..."; `meant`: it says so itself.
    """

    setting: Setting[str]
    what: str
    meant: bool = False


class Deployment(Struct, frozen=True, gc=False):
    """What starts and stops the targets of a pool: an ECS service, an Auto Scaling group.

    `name` is how people call it; None is what is not known, or as it should be.
    """

    name: str
    stop_time: Setting[float] | None = None
    """how long a target lives on after it was told to stop"""
    stop_limit_s: float | None = None
    """the most that `stop_time` can be"""
    start_time: Setting[float] | None = None
    """how long a new target says that it needs before its checks count"""
    start_grace: Setting[float] | None = None
    """how long failed health checks do not end a new target"""
    stops_all: Setting[str] | None = None
    """what lets every target be stopped before a new one has started"""
    blind: Setting[str] | None = None
    """the check that decides what is replaced, where it does not hear the pool's own"""


class Minimum(Struct, frozen=True, gc=False):
    """AWS: with fewer healthy targets than this, unhealthy ones get traffic as well.

    `setting`: a number of targets, or a share in percent of all of them.
    """

    setting: Setting[int]
    percent: bool = False

    def needed(self, total: int) -> int:
        """How many of so many targets must be healthy."""
        if not self.percent:
            return self.setting.value
        return -(-self.setting.value * total // 100)


class Pool(Struct, frozen=True, gc=False):
    """A set of targets that share a balance method and a health check."""

    vendor: Vendor
    name: str
    address: str
    place: Place
    belief: Belief
    """of the strongest route that leads here"""
    targets: tuple[Target, ...]
    check: HealthCheck
    drain_time: Setting[float] | None = None
    """how long open sockets live on after a target leaves (AWS) or the proxy reloads (nginx,
    HAProxy); 0 cuts at once, `math.inf` never ends; None where it is not known or does not apply"""
    stickiness: Setting[str] | None = None
    """None: none; value: "cookie", "source", "hash", "stick-table", "app_cookie" ..."""
    not_sticky: Setting[bool] | None = None
    """the statement that switches stickiness off, where there is one"""
    persistence: tuple[Persistence, ...] = ()
    redispatch: Setting[bool] | None = None
    incapable: Setting[str] | None = None
    """what makes WebSockets impossible here: value is the reason in the vendor's words"""
    resolver_missing: Setting[str] | None = None
    """the variable address that nothing can resolve at run time"""
    mode: str = "http"
    ineffective: tuple[Ineffective, ...] = ()
    drain_marks: tuple[Setting[str], ...] = ()
    """statements that put targets into draining: weight 0, drain, disable-on-404"""
    spares_weightless: bool = False
    """HAProxy: `ignore-persist` keeps returning clients away from a target of weight 0"""
    several: bool = False
    """there may well be several targets, though none is known here: a Service, a target group"""
    complete: bool = True
    """False where targets come from outside (a resolver, a template, a state that was not read)"""
    closes_dead: Setting[bool] | None = None
    """are the open sockets of a target closed when a check calls it dead? False: of some targets
    only; None: nothing is written, which in HAProxy means that they stay"""
    mass_close: tuple[MassClose, ...] = ()
    minimums: tuple[Minimum, ...] = ()
    zonal: Setting[str] | None = None
    """AWS: what makes each zone use its own targets only (cross-zone load balancing is off)"""
    counted_alone: Setting[str] | None = None
    """passive health as somebody set it, which each worker process counts for itself"""
    deployments: tuple[Deployment, ...] = ()
    asked: Setting[str] | None = None
    """the health check of a balancer in front, where a plain request reaches these targets: its
    path, and the route for WebSockets that takes it"""
    alike: int = 1
    """how many pools this one stands for (`Topology.whole`)"""
    reached_by: tuple[tuple[str, Place], ...] = ()
    """AWS: the rules that lead here: address, with load balancer and listener, and place"""
    unset: tuple[Setting[str], ...] = ()
    """servers whose address is a variable that nothing here sets: its name, and the address"""
    per_target: Setting[int] | None = None
    """the fewest connections that a target is given, where somebody wrote a limit"""
    churn: Setting[Churn] | None = None
    """a balance method that does not fit connections which stay"""
    unknown: tuple[Setting[None], ...] = ()
    """likewise as of a route"""
    lingering: Setting[float] | None = None
    """how long an old process takes new connections, too, after a reload (HAProxy's grace)"""

    @property
    def usable(self) -> tuple[Target, ...]:
        """Targets that new connections may reach."""
        return tuple([t for t in self.targets if t.state not in _OUT])


_OUT = (State.DRAINING, State.DOWN, State.UNUSED, State.UNHEALTHY)
"""a tuple: looking for an enum member by identity is four times as fast as by its hash"""


class Forward(Struct, frozen=True, gc=False):
    """The edge from a route to a pool. `weight` is a share among the route's forwards."""

    pool: Pool
    http_version: Setting[str] | None = None
    """protocol to the target: "1.0", "1.1", "2", "grpc"; None where unknown"""
    weight: Setting[int] | None = None


class RedirectKind(Enum):
    SCHEME = "scheme"
    """to https, and nothing serves the path there"""
    SLASH = "slash"
    """the proxy's own redirect to the path with a trailing slash"""
    OTHER = "other"


class Redirect(Struct, frozen=True, gc=False):
    """A redirect that a handshake meets. Plain HTTP with an HTTPS twin is healthy: no record."""

    kind: RedirectKind
    status: Setting[int]


class Visit(Struct, frozen=True, gc=False):
    """A handshake that a client makes: where its URL leads. `path` without a query."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def authority(self) -> str:
        """The `Host` it sends, with the port where that is not the usual one."""
        return self.host if self.port == (443 if self.tls else 80) else f"{self.host}:{self.port}"


class Alteration(Struct, frozen=True, gc=False):
    """A statement that changes a handshake header or status: `effect` says what a client sees.

    `header` is empty where the statement acts on the request as a whole (its method).
    """

    header: str
    setting: Setting[str]
    effect: str


class SocketLimit(Struct, frozen=True, gc=False):
    """A limit on connections that are open at once: of one client address, or of all together."""

    setting: Setting[int]
    per_client: bool


class Route(Struct, frozen=True, gc=False):
    """What happens to requests that match one location, listener rule or content switch."""

    vendor: Vendor
    address: str
    """logical place, free of line numbers: `http/server[chat.example]/location[/ws/]`"""
    place: Place
    path: str
    """the matcher as written: a path, an ACL expression, "default" """
    belief: Belief
    forwards: tuple[Forward, ...] = ()
    idle: Setting[float] | None = None
    """the silence that ends an upgraded connection here; None where it is not known"""
    tunnel_missing: bool = False
    """HAProxy: no tunnel timeout, so client and server timeouts cut (`idle` is the smaller)"""
    timeouts: tuple[Setting[float], ...] = ()
    """every other timeout in force here, for questions about zero and missing units"""
    upgrade: Setting[str | None] | None = None
    """the `Upgrade` header a target sees when a client sent `websocket`: "websocket", "" (absent);
    value None: unknown; the whole None: the vendor always passes it"""
    connection: Setting[str | None] | None = None
    """likewise for `Connection`: "upgrade", "close", "" (absent) ..."""
    host_kept: Setting[bool] | None = None
    """False: the target sees its own name as Host"""
    redirect: Redirect | None = None
    alterations: tuple[Alteration, ...] = ()
    ineffective: tuple[Ineffective, ...] = ()
    retries: Setting[bool] | None = None
    """is a failed handshake tried at another target? (proxy_next_upstream off: False)"""
    retries_503: Setting[bool] | None = None
    """is a 503 answer to a handshake tried at another target?"""
    connect: Setting[float] | None = None
    """how long a target that answers nothing is waited for before another one is tried"""
    hardcoded: Setting[str] | None = None
    """a constant `Connection` (nginx) or `Upgrade` (HAProxy) that every request is sent with"""
    unknown_scheme: Setting[str] | None = None
    """the scheme of the target's URL, where the balancer does not know it (`ws`)"""
    name_untold: Setting[str] | None = None
    """TLS to a target by this name, which the target is not told (no SNI)"""
    passed_by: Setting[str] | None = None
    """a protected location that a client passes by when it upgrades to another protocol here"""
    tcp_keepalive: Setting[bool] | None = None
    """does the system ask, after a while, whether a silent client is still there? None: unknown"""
    limits: tuple[SocketLimit, ...] = ()
    """what else the balancer counts here beside its own capacity"""
    behind: Setting[str] | None = None
    """a sign of a balancer in front, where its address is taken for that of every client, and
    something here depends on addresses"""
    authentication: Setting[bool] | None = None
    """a subrequest for permission that is sent with the handshake's `Upgrade`; True: to the targets
    of this route themselves"""
    masked_errors: Setting[int] | None = None
    """the statement that answers an upstream's error with a success status, and that status"""
    inner_idle: Setting[float] | None = None
    """HAProxy: likewise at the later hops of a chain inside the same process; None: no such hop,
    or not known"""
    login: Setting[str] | None = None
    """AWS: an action that sends whoever has no session to a login page"""
    pool_stickiness: Setting[bool] | None = None
    """AWS: does a client that came to one of several pools return to it?"""
    one_way: tuple[Setting[str], ...] = ()
    """HAProxy: what makes the silence of one side ("client" or "server") count by itself"""
    unknown: tuple[Setting[None], ...] = ()
    """what is written, and nobody can know by reading: a placeholder, a variable without a value"""
    covers_all: bool = False
    """the matcher is a catch-all (`/`, default): plain HTTP passes here too"""
    takes: tuple[Visit, ...] = ()
    """those of `Declared.visits` that surely come here, if this configuration serves them"""
    alike: int = 1
    """how many routes this one stands for (`Topology.whole`)"""


class HealthAnswer(Struct, frozen=True, gc=False):
    """What a balancer in front gets when it asks `path` here, though every target may be dead."""

    path: str
    setting: Setting[int]
    """the statement that answers, and the status"""
    reason: str
    certain: bool = True


class Listener(Struct, frozen=True, gc=False):
    """Where clients connect: server { listen }, frontend, load-balancer listener."""

    vendor: Vendor
    address: str
    place: Place
    routes: tuple[Route, ...]
    tls: bool = False
    health: HealthAnswer | None = None
    http2_only: Setting[str] | None = None
    """a plain-text port that understands HTTP/2 only, so that no handshake is understood"""
    capacity: Setting[int] | None = None
    """about how many WebSockets fit at once, where somebody wrote the limit; None: not known"""
    alike: int = 1
    """how many listeners this one stands for (`Topology.whole`)"""

    @property
    def belief(self) -> Belief:
        """Of the strongest route (a listener without routes carries nothing)."""
        return max(
            (r.belief for r in self.routes),
            key=lambda b: b.level,
            default=Belief(Level.POSSIBLE, "nothing says what passes here"),
        )


class Topology(Struct, frozen=True, gc=False):
    """Everything that was read. Order is the order of the sources.

    `whole` reads what was left out because it says the same as something that is here (`alike`);
    None: nothing was. A rule that finds nothing in the one finds nothing in the others.
    """

    sources: tuple[Source, ...] = ()
    listeners: tuple[Listener, ...] = ()
    routes: tuple[Route, ...] = ()
    pools: tuple[Pool, ...] = ()
    whole: Callable[[], Topology] | None = None


class Declared(Struct, frozen=True):
    """What the user says beforehand and a reader needs to resolve defaults and matches.

    `websocket_paths`: URL paths that carry WebSockets ("/": everything); `health_path`: what a
    balancer in front asks; versions as tuples such as (1, 29, 7), None where not known;
    `visits`: handshakes whose way is asked for;
    `nginx_edition`: "oss", "plus", "angie", "tengine"; `ingress_controller` serves Ingresses whose
    class leaves a choice; `environment`: known variables; `leave_out`: may a reader leave out what
    says the same as something else (`Topology.whole`)?
    """

    websocket_paths: tuple[str, ...] = ()
    not_websocket_paths: tuple[str, ...] = ()
    health_path: str | None = None
    visits: tuple[Visit, ...] = ()
    nginx_version: tuple[int, ...] | None = None
    nginx_edition: str | None = None
    haproxy_version: tuple[int, ...] | None = None
    ingress_controller: str | None = None
    environment: dict[str, str] = {}
    max_file_bytes: int = 50_000_000
    leave_out: bool = False
