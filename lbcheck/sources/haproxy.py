"""Read HAProxy configuration into a topology: text -> sections -> edges -> routes and pools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lbcheck.model import (
    Belief,
    Declared,
    Forward,
    HealthAnswer,
    Level,
    Listener,
    Origin,
    Pool,
    Route,
    Setting,
    Source,
    Topology,
    Vendor,
    Visit,
)
from lbcheck.sources import haproxy_config as config
from lbcheck.sources import haproxy_refused
from lbcheck.sources.files import Files
from lbcheck.sources.haproxy_around import Around
from lbcheck.sources.haproxy_belief import believe, own_belief
from lbcheck.sources.haproxy_chain import inner_idle
from lbcheck.sources.haproxy_config import Instance, Section
from lbcheck.sources.haproxy_edge import Edge, Frontend, budget, edges
from lbcheck.sources.haproxy_fallback import blind
from lbcheck.sources.haproxy_idle import idle
from lbcheck.sources.haproxy_limits import capacity
from lbcheck.sources.haproxy_loop import follow
from lbcheck.sources.haproxy_pool import Backend, build, http_version
from lbcheck.sources.haproxy_process import process_of
from lbcheck.sources.haproxy_route import make_route
from lbcheck.sources.haproxy_shadow import Earlier
from lbcheck.sources.haproxy_traffic import traffic
from lbcheck.sources.haproxy_visit import taken


def read(groups: Sequence[Sequence[Source]], files: Files, declared: Declared) -> Topology:
    """Resolve HAProxy instances.

    Args:
        groups: each one instance, its files in the order in which HAProxy reads them.
        files: where texts come from; asked for a backend that is nowhere in what was read.
        declared: versions, environment and WebSocket paths known beforehand.
    Returns: listeners, routes and pools; what could not be read is on the sources. Where tenants
    were left out that say the same as others, `whole` reads them, too.
    """
    sources = [source for group in groups for source in group]
    before = [source.told for source in sources]
    found, left_out = _read(groups, files, declared)
    if not left_out:
        return found

    def whole() -> Topology:
        for source, told in zip(sources, before, strict=True):
            source.forget(told)
        return _read(groups, files, replace(declared, leave_out=False))[0]

    # What is wrong with one tenant is wrong with those that say the same.
    if [source.told for source in sources] != before:
        return whole()
    return replace(found, whole=whole)


def _read(
    groups: Sequence[Sequence[Source]], files: Files, declared: Declared
) -> tuple[Topology, bool]:
    """The topology, and whether anything was left out."""
    instances = [config.read(group, declared) for group in groups]
    names = {section.name for one in instances for section in one.of("backend", "listen")}
    for instance in instances:
        haproxy_refused.times(instance)
        haproxy_refused.backends(instance, names, files)
    topologies = [_instance(instance, declared) for instance in instances]
    topology = Topology(
        (),
        tuple(listener for t in topologies for listener in t.listeners),
        tuple(route for t in topologies for route in t.routes),
        tuple(pool for t in topologies for pool in t.pools),
    )
    return topology, any(instance.kept is not None for instance in instances)


def _instance(instance: Instance, declared: Declared) -> Topology:
    backends = _backends(instance)
    haproxy_refused.servers((each.section, each.kinds) for each in backends.values())
    frontends = list(_frontends(instance, backends))
    for frontend in frontends:
        believe(frontend, declared)
    follow(frontends)
    pools = _pools(instance, backends, frontends)
    around = Around(instance, frontends, declared)
    visited = taken(frontends, declared.visits) if declared.visits else {}
    listeners = [_listener(frontend, pools, around, visited) for frontend in frontends]
    routes = [route for listener in listeners for route in listener.routes]
    if not frontends:
        routes.extend(_fragment_route(backends[name], pools[name], declared) for name in pools)
    return Topology((), tuple(listeners), tuple(routes), tuple(pools.values()))


def _backends(instance: Instance) -> dict[str, Backend]:
    found: dict[str, Backend] = {}
    doubtful: set[str] = set()
    for section in instance.of("backend", "listen"):
        if section.name in found:
            # One name twice: branches that cannot be decided (HAProxy refuses it otherwise).
            doubtful.add(section.name)
        else:
            found[section.name] = Backend(section, instance.variables)
    return {name: backend for name, backend in found.items() if name not in doubtful}


def _frontends(instance: Instance, backends: dict[str, Backend]) -> Iterator[Frontend]:
    allowed = budget()
    for section in instance.of("frontend", "listen"):
        if "disabled" in section.by and "enabled" not in section.by:
            continue
        frontend = Frontend(section)
        frontend.edges = list(edges(frontend, backends, allowed))
        yield frontend


def _pools(
    instance: Instance, backends: dict[str, Backend], frontends: Sequence[Frontend]
) -> dict[str, Pool]:
    strongest: dict[str, Belief] = {}
    for frontend in frontends:
        for edge in frontend.edges:
            if edge.backend is not None:
                known = strongest.get(edge.backend.name)
                if known is None or edge.belief.level > known.level:
                    strongest[edge.backend.name] = edge.belief
    process = process_of(instance)
    asked = blind(instance, frontends, backends)
    return {
        name: build(
            backend,
            strongest.get(name) or own_belief(backend),
            process,
            asked.get(name, ()),
        )
        for name, backend in backends.items()
        if backend.carries_http
    }


def _listener(
    frontend: Frontend,
    pools: dict[str, Pool],
    around: Around,
    visited: dict[Edge, tuple[Visit, ...]],
) -> Listener:
    section = frontend.section
    routes: list[Route] = []
    earlier = Earlier()
    for edge in frontend.edges:
        backend = edge.backend
        if backend is not None:
            quiet = idle(edge, backend, around.whole, around.declared.websocket_paths)
            if edge.inner:
                quiet.inner = inner_idle(edge, around, around.inner_idles)
            passing = traffic(edge, around.https, around.declared.websocket_paths)
            route = make_route(edge, pools[backend.name], quiet, passing, earlier, around)
            routes.append(replace(route, takes=visited[edge]) if edge in visited else route)
            earlier.add(edge)
    return Listener(
        vendor=Vendor.HAPROXY,
        address=f"{section.kind}[{section.name}]",
        place=section.place,
        routes=tuple(routes),
        tls=any("ssl" in bind.words for bind in section.all("bind")),
        health=_health(section, around.declared),
        capacity=capacity(section, around.limit),
        alike=section.alike,
    )


def _health(section: Section, declared: Declared) -> HealthAnswer | None:
    """`monitor-uri` answers 200 by itself, whatever the servers do, unless `monitor fail` asks."""
    if "monitor" in section.by:
        return None
    for statement in section.all("monitor-uri"):
        if statement.words[1:2] == (declared.health_path,) and not statement.maybe:
            setting = Setting("monitor-uri", 200, Origin.SET, section.span(statement))
            reason = "HAProxy answers by itself"
            return HealthAnswer(statement.words[1], setting, reason)
    return None


def _fragment_route(backend: Backend, pool: Pool, declared: Declared) -> Route:
    """A file of backends alone: what can be said without the frontend."""
    quiet = idle(None, backend, False, declared.websocket_paths)
    return Route(
        vendor=Vendor.HAPROXY,
        address=pool.address,
        place=pool.place,
        path="default",
        belief=pool.belief if pool.belief.level > Level.POSSIBLE else own_belief(backend),
        forwards=(Forward(pool, http_version(backend)),),
        idle=quiet.setting,
        timeouts=quiet.others,
        unknown=quiet.unknown,
        covers_all=True,
        alike=pool.alike,
    )
