"""Upstreams and single addresses as pools: targets, state, stickiness, what checks them."""

from __future__ import annotations

import math
from functools import lru_cache

from msgspec import Struct

from lbcheck.model import (
    Belief,
    CheckKind,
    Declared,
    HealthCheck,
    Ineffective,
    Level,
    Origin,
    Persistence,
    Place,
    Pool,
    Resolution,
    Setting,
    State,
    Target,
    Vendor,
)
from lbcheck.sources import nginx_check, nginx_time
from lbcheck.sources.nginx_address import Destination, resolution
from lbcheck.sources.nginx_map import names, opaque
from lbcheck.sources.nginx_scope import Root, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_upstream import METHODS, counted, faults, fragile, refused, workers

# bound once: to look an enum member up costs as much as to make a setting
_SET = Origin.SET
_DEFAULT = Origin.DEFAULT
_NGINX = Vendor.NGINX

UNUSED = Belief(Level.POSSIBLE, "nothing says what passes here")
_STICKY = frozenset({"ip_hash", "hash", "sticky"})
_CHANGING = frozenset(
    """request_uri uri document_uri args query_string request request_id request_body connection
    connection_requests remote_port msec time_iso8601 time_local http_sec_websocket_key""".split()
)
"""what differs between two requests of one client: a hash of it leads nobody back"""
_ELSEWHERE = frozenset(
    """include state zone_sync jdomain upsync upsync_server consul balancer_by_lua
    balancer_by_lua_file balancer_by_lua_block server_by_lua dynamic_resolve""".split()
)


class Draft:
    """A pool while the routes that lead to it are still being read."""

    __slots__ = (
        "alike", "asked", "belief", "block", "destination", "kept", "probe", "statement", "stream",
    )  # fmt: skip

    def __init__(
        self, destination: Destination, statement: Directive, block: Directive | None, stream: bool
    ) -> None:
        self.destination = destination
        self.statement = statement
        self.block = block
        self.stream = stream
        self.belief = UNUSED
        self.alike = 1  # for how many what leads here stands
        self.probe: Directive | None = None
        self.asked: Setting[str] | None = None
        inner = block.block or [] if block is not None else []
        self.kept = next((each for each in inner if each.name == "keepalive"), None)


class Pools:
    """The pools of one main file. A pool is made once all routes to it are known."""

    __slots__ = ("_choice", "_declared", "_drafts", "_drain", "_made", "_workers", "root")

    def __init__(self, root: Root, declared: Declared) -> None:
        self.root = root
        self._declared = declared
        self._drain = drain_time(root)
        self._workers = workers(root)
        self._drafts: dict[tuple[object, ...], Draft] = {}
        self._made: dict[int, Pool] = {}
        self._choice: dict[int, bool] = {}
        for name, block in root.upstreams.items():
            draft = self._drafts["", name] = Draft(Destination(name, name), block, block, False)
            draft.alike = root.alike.get(block, 1)
        for name, block in root.stream_upstreams.items():
            self._drafts["stream", name] = Draft(Destination(name, name), block, block, True)

    def draft(
        self, destination: Destination, statement: Directive, belief: Belief, stream: bool = False
    ) -> Draft:
        """The pool of a destination; it takes the strongest belief of all that lead there."""
        name = destination.upstream
        if name is not None:
            draft = self._drafts["stream" if stream else "", name]
        else:
            key = (stream, destination.host, destination.variable, destination.resolver, "address")
            known = self._drafts.get(key)
            draft = known or Draft(destination, statement, None, stream)
            self._drafts[key] = draft
        if belief.level > draft.belief.level:
            draft.belief = belief
            if name is None:
                draft.statement = statement
        return draft

    def make(self, draft: Draft) -> Pool:
        """The finished pool."""
        if id(draft) not in self._made:
            made = self._of_block(draft) if draft.block is not None else self._of_address(draft)
            self._made[id(draft)] = made
        return self._made[id(draft)]

    def has_choice(self, draft: Draft) -> bool:
        """Is there a second target that a failed handshake could be tried at?"""
        known = self._choice.get(id(draft))
        if known is None:
            pool = self.make(draft)
            known = self._choice[id(draft)] = pool.complete and len(pool.usable) >= 2
        return known

    def all(self) -> tuple[Pool, ...]:
        """Every pool, upstreams first, in the order of the text."""
        return tuple(self.make(draft) for draft in self._drafts.values())

    def _of_address(self, draft: Draft) -> Pool:
        there, place = draft.destination, span(draft.statement)
        dynamic = Resolution.DYNAMIC if there.variable else resolution(there.host)
        target = Target(
            name=there.host,
            address=there.host,
            place=place,
            weight=Setting("weight", 1, _DEFAULT, place),
            resolution=resolution(there.host)
            if resolution(there.host) is Resolution.ADDRESS
            else dynamic,
            unreadable=there.unreadable,
        )
        return Pool(
            vendor=_NGINX,
            name=there.host,
            address=f"{'stream' if draft.stream else 'http'}/proxy_pass[{there.host}]",
            place=place,
            belief=draft.belief,
            targets=() if there.foreign else (target,),
            check=self._check(draft, place, None)[0],
            drain_time=self._drain,
            resolver_missing=None
            if there.resolver or there.unreadable
            else Setting("proxy_pass", there.host, _SET, place),
            mode="tcp" if draft.stream else "http",
            ineffective=self._check(draft, place, None)[1],
            complete=not (there.unreadable or there.foreign),
            asked=draft.asked,
            alike=draft.alike,
        )

    def _of_block(self, draft: Draft) -> Pool:
        block, place = draft.block, span(draft.statement)
        assert block is not None
        inner = block.block or []
        weight = Setting("weight", 1, _DEFAULT, place)
        named = {d.name for d in inner}
        servers = [d for d in inner if d.name == "server" and d.args]
        check, ineffective = self._check(draft, place, block)
        marks = tuple(
            [Setting("drain", d.args[0], _SET, span(d)) for d in servers if "drain" in d.args]
        )
        probes = [draft.probe] if draft.probe is not None else []
        sticky = None if named.isdisjoint(_STICKY) else stickiness(inner)
        return Pool(
            vendor=_NGINX,
            name=draft.destination.host,
            address=f"{'stream' if draft.stream else 'http'}/upstream[{draft.destination.host}]",
            place=place,
            belief=draft.belief,
            targets=tuple(target(d, weight) for d in servers),
            check=check,
            drain_time=self._drain,
            stickiness=sticky,
            persistence=(Persistence(sticky.value, sticky),) if sticky else (),
            mode="tcp" if draft.stream else "http",
            ineffective=(
                *ineffective,
                *faults(inner, named, marks, self._declared),
                *fragile(servers, sticky),
                *refused([*inner, *probes], self.root, self._declared),
            ),
            counted_alone=self._alone(servers, named),
            drain_marks=marks,
            complete=named.isdisjoint(_ELSEWHERE),
            asked=draft.asked,
            alike=draft.alike,
        )

    def _alone(self, servers: list[Directive], named: set[str]) -> Setting[str] | None:
        """The failure limit that each worker counts for itself: there is no `zone`."""
        if not self._workers or "zone" in named or len(servers) < 2:
            return None
        return counted(servers)

    def _check(
        self, draft: Draft, place: Place, block: Directive | None
    ) -> tuple[HealthCheck, tuple[Ineffective, ...]]:
        check = HealthCheck(CheckKind.PASSIVE, place)
        inner = block.block or [] if block is not None else []
        if draft.probe is None and nginx_check.STATEMENTS.isdisjoint([d.name for d in inner]):
            return check, ()
        return nginx_check.active(draft.probe, inner, self.root.matches, self._declared, check)


def drain_time(root: Root) -> Setting[float] | None:
    """How long a reload leaves open sockets to the old workers: `worker_shutdown_timeout`; unset
    or 0 is no limit (1.22.1 and 1.31.3 arm no timer). None for a fragment."""
    block = root.http or root.stream
    if not root.whole or block is None or block.directive is None:
        return None
    statement = root.main.own.get("worker_shutdown_timeout")
    if statement is None and "include" in root.main.own:
        return None
    if statement is None:
        return Setting("worker_shutdown_timeout", math.inf, _DEFAULT, span(block.directive))
    value = nginx_time.of(statement)
    if value is None:
        return None
    return Setting("worker_shutdown_timeout", value or math.inf, _SET, span(statement))


class Parameters(Struct, frozen=True, gc=False):
    """What the words behind a server's address say; many servers share the same words."""

    state: State = State.HEALTHY
    backup: bool = False
    weight: int | None = None
    passive_off: bool = False
    cookie: str | None = None
    unreadable: bool = False


@lru_cache(4096)
def parameters(words: tuple[str, ...]) -> Parameters:
    """Read the words behind a server's address; `down` outweighs `drain`."""
    given = dict(word.partition("=")[::2] for word in words)
    state = State.DRAINING if "drain" in words else State.HEALTHY
    weight = given.get("weight", "")
    return Parameters(
        state=State.DOWN if "down" in words else state,
        backup="backup" in words,
        weight=int(weight) if weight.isascii() and weight.isdigit() else None,
        passive_off=given.get("max_fails") == "0",
        cookie=given.get("route"),
        unreadable=any("$" in word or opaque(word) for word in words),
    )


_REASONS = {State.DOWN: "down", State.DRAINING: "drain"}


def target(statement: Directive, weight: Setting[int]) -> Target:
    """One `server` of an upstream."""
    address, words = statement.args[0], parameters(statement.args[1:])
    place = span(statement)
    reason = _REASONS.get(words.state, "")
    if words.weight is not None:
        weight = Setting("weight", words.weight, _SET, place)
    return Target(
        name=address,
        address=address,
        place=place,
        weight=weight,
        state=words.state,
        state_place=place if reason else None,
        reason=reason,
        backup=words.backup,
        resolution=resolution(address, statement.args[1:]),
        passive_off=Setting("max_fails", 0, _SET, place) if words.passive_off else None,
        cookie=words.cookie,
        unreadable=words.unreadable or "$" in address or opaque(address),
    )


def stickiness(inner: list[Directive]) -> Setting[str] | None:
    """What leads a client back to the target it had: `ip_hash`, `hash`, `sticky`. Of two methods
    the later one is in force (nginx 1.22.1 and 1.31.3: `load balancing method redefined`)."""
    balance = [statement for statement in inner if statement.name in METHODS][-1:]
    sticky = [statement for statement in inner if statement.name == "sticky"]
    for statement in balance:
        if statement.name == "ip_hash":
            return Setting("ip_hash", "source", _SET, span(statement))
        if statement.name == "hash" and statement.args:
            if not _CHANGING.isdisjoint(names(statement.args[0])):
                return None
            value = "source" if "remote_addr" in statement.args[0] else "hash"
            return Setting("hash", value, _SET, span(statement))
    return Setting("sticky", "cookie", _SET, span(sticky[0])) if sticky else None
