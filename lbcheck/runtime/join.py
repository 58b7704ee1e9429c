"""Join what running proxies say with the configuration that was read: pools by their names.

What a process says of a target replaces what its file says: a drain over the runtime socket is
written nowhere. Pools that no file has stand for themselves, as far as they are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from lbcheck.belief import by_names
from lbcheck.model import (
    CheckKind,
    Forward,
    HealthCheck,
    Level,
    Listener,
    Origin,
    Pointer,
    Pool,
    Route,
    Setting,
    Source,
    Span,
    State,
    Target,
    Topology,
    Trouble,
    Vendor,
)
from lbcheck.runtime.ask import Asked
from lbcheck.runtime.told import Group, Member
from lbcheck.runtime.where import HAPROXY

Live = dict[int, Pool]
"""pools of the configuration (by identity) as one process has them"""

_NAMES = 8
_WEIGHT_0 = "weight 0"
_WELL = ("UP", "up")


def joined(topology: Topology, processes: Sequence[Asked]) -> Topology:
    """The topology with the states that its targets are in. Where several processes know a pool
    each of them is judged: what one drains another may not.

    What a process does not know of the configuration is a trouble of its source.
    """
    lives: list[Live] = []
    loose: list[Pool] = []
    for process in processes:
        live, rest = _known(topology.pools, process)
        lives.append(live)
        loose += rest
    _tell_unknown(topology.pools, processes, lives)
    routes = {id(route): tuple(_routes(route, lives)) for route in topology.routes}
    return replace(
        topology,
        sources=(*topology.sources, *(process.source for process in processes)),
        listeners=tuple(_listener(each, routes) for each in topology.listeners),
        routes=(
            *(made for route in topology.routes for made in routes[id(route)]),
            *map(_route, loose),
        ),
        pools=(*(made for pool in topology.pools for made in _pools(pool, lives)), *loose),
    )


def _known(pools: Iterable[Pool], process: Asked) -> tuple[Live, list[Pool]]:
    """The pools of the configuration as this process has them, and those that only it has."""
    named: dict[str, list[Pool]] = {}
    for pool in pools:
        if _told_of(pool, process.kind):
            named.setdefault(pool.name, []).append(pool)
    live: Live = {}
    loose = []
    for group in () if process.source.unread else process.told.groups:
        found = named.get(group.name, [])
        if len(found) > 1:
            message = f"`{group.name}` is in {len(found)} of the configurations that were read"
            process.source.troubles.append(Trouble(message, remedy="audit one of them at a time"))
        elif found:
            live[id(found[0])] = _pool(found[0], group, process)
        else:
            loose.append(_unwritten(group, process))
    return live, loose


def _told_of(pool: Pool, kind: str) -> bool:
    """Could such a process know this pool? NGINX Plus tells of upstreams of http."""
    if not isinstance(pool.place, Span):
        return False
    if kind == HAPROXY:
        return pool.vendor is Vendor.HAPROXY and pool.place.source.kind == "haproxy"
    return pool.vendor is Vendor.NGINX and pool.address.startswith("http/upstream[")


def _tell_unknown(pools: Iterable[Pool], processes: Sequence[Asked], lives: Sequence[Live]) -> None:
    """Pools of WebSockets that none of the processes of their kind has."""
    asked = {process.kind: process for process in processes if not process.source.unread}
    known = {name for process in processes for name in (g.name for g in process.told.groups)}
    for pool in pools:
        if pool.belief.level < Level.LIKELY or pool.name in known:
            continue
        for kind, process in asked.items():
            if _told_of(pool, kind):
                why = "another process may serve it, or `stats scope` hide it"
                if kind != HAPROXY:
                    why = "the API tells of upstreams with a `zone` only"
                message = f"the state of `{pool.name}` is not known: nobody tells of it"
                process.source.troubles.append(Trouble(message, remedy=why))


def _pool(pool: Pool, group: Group, process: Asked) -> Pool:
    """A pool with the targets that the process has; one that only the file has is not known, and
    where a part of the answer means nothing there may be more."""
    source = process.source
    written = {_name(target.name): target for target in pool.targets}
    for target in pool.targets:
        written.setdefault(_name(target.address), target)
    seen: set[str] = set()
    targets = []
    for member in group.members:
        base = written.get(_name(member.name)) or written.get(_name(member.address))
        targets.append(_target(base, member, group, source))
        seen.add(base.name if base else member.name)
    missing = [target for target in pool.targets if target.name not in seen]
    if missing:
        names = ", ".join(f"`{target.name}`" for target in missing[:_NAMES])
        source.not_asked += (f"{names} of `{pool.name}` (the process does not have them)",)
    targets += [replace(target, state=State.UNKNOWN) for target in missing]
    return replace(
        pool,
        targets=tuple(targets),
        complete=not process.told.troubles,
        drain_marks=tuple(_marks(pool, group, source)),
    )


def _name(address: str) -> str:
    """nginx names a server without a port with the port that is meant."""
    return address.removesuffix(":80")


def _target(base: Target | None, member: Member, group: Group, source: Source) -> Target:
    place = _place(source, group, member)
    if base is None:
        weight = Setting("weight", 1 if member.weight is None else member.weight, Origin.SET, place)
        base = Target(member.name, member.address or member.name, place, weight)
    return replace(
        base,
        name=member.name,
        address=member.address or base.address,
        state=member.state,
        state_place=place,
        reason="" if member.words in _WELL else member.words,
        backup=member.backup or base.backup,
        unreadable=False,
    )


def _place(source: Source, group: Group, member: Member) -> Pointer:
    return Pointer(source, (group.name, member.name), f"{group.name}/{member.name}")


def _marks(pool: Pool, group: Group, source: Source) -> Iterator[Setting[str]]:
    """What drains a target now. `weight 0` of the file counts where it is still so; one given at
    run time may be meant with an `ignore-persist`, which helps against nothing else."""
    words = {member.name: member.words for member in group.members}
    for mark in pool.drain_marks:
        if mark.name != _WEIGHT_0 or words.get(mark.value, _WEIGHT_0) == _WEIGHT_0:
            yield mark
    written = {mark.value for mark in pool.drain_marks if mark.name == _WEIGHT_0}
    for member in group.members:
        if member.state is not State.DRAINING or pool.vendor is not Vendor.HAPROXY:
            continue
        weightless = member.words == _WEIGHT_0
        if not (weightless and (pool.spares_weightless or member.name in written)):
            name = _WEIGHT_0 if weightless else f"state {member.words}"
            yield Setting(name, member.name, Origin.SET, _place(source, group, member))


def _unwritten(group: Group, process: Asked) -> Pool:
    """A pool of which nothing is known but what the process says."""
    place = Pointer(process.source, (group.name,), group.name)
    haproxy = process.kind == HAPROXY
    sticky = Setting("cookie", "cookie", Origin.SET, place) if group.cookie else None
    names = [group.name, *(member.name for member in group.members[:_NAMES])]
    pool = Pool(
        vendor=Vendor.HAPROXY if haproxy else Vendor.NGINX,
        name=group.name,
        address=f"backend[{group.name}]" if haproxy else f"http/upstream[{group.name}]",
        place=place,
        belief=by_names("", *names),
        targets=(),
        check=HealthCheck(CheckKind.UNKNOWN, place),
        stickiness=sticky,
    )
    return _pool(pool, group, process)


def _route(pool: Pool) -> Route:
    """Whatever leads to a pool that no file has."""
    return Route(
        vendor=pool.vendor,
        address=pool.address,
        place=pool.place,
        path="default",
        belief=pool.belief,
        forwards=(Forward(pool),),
        covers_all=True,
    )


def _pools(pool: Pool, lives: Iterable[Live]) -> Iterator[Pool]:
    """A pool as each process has it that knows it, else as it is written."""
    found = [live[id(pool)] for live in lives if id(pool) in live]
    yield from found or [pool]


def _routes(route: Route, lives: Iterable[Live]) -> Iterator[Route]:
    knowing = [live for live in lives if any(id(f.pool) in live for f in route.forwards)]
    for live in knowing:
        forwards = tuple(replace(f, pool=live.get(id(f.pool), f.pool)) for f in route.forwards)
        yield replace(route, forwards=forwards)
    if not knowing:
        yield route


def _listener(listener: Listener, routes: Mapping[int, tuple[Route, ...]]) -> Listener:
    made = tuple(each for route in listener.routes for each in routes.get(id(route), (route,)))
    return replace(listener, routes=made)
