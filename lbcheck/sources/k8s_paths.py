"""The paths of Ingresses, and which of them carry WebSockets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from lbcheck.belief import by_names
from lbcheck.model import Belief, Declared, Level, Span
from lbcheck.sources import yaml_tree
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.sources.yaml_tree import Node, Scalar
from lbcheck.sources.yaml_tree import Sequence as Items

LONG_S = 600.0
"""An idle time that is hardly asked for answers that are only slow."""
_LITERAL = re.compile(r"[^*?()\[\]{}|\\^$+]*+")
_UPGRADE = re.compile(r"(?i)\bupgrade\b.{0,40}\$http_upgrade|connection.{0,20}\bupgrade\b")


class Path(Struct, frozen=True, gc=False):
    """One path of an Ingress, or its default backend (`path` is "/")."""

    ingress: Object
    host: str
    path: str
    kind: str
    """`pathType`: "Prefix", "Exact", or anything else: the controller's own patterns"""
    service: str
    port: str
    place: Span
    body: Annotation | None = None
    """the statements of a location that a snippet adds"""

    @property
    def head(self) -> str:
        """What every request of it begins with."""
        found = _LITERAL.match(self.path.removeprefix("^"))
        return found[0] if found else ""

    @property
    def everything(self) -> bool:
        return self.head in ("", "/") and self.kind != "Exact"

    @property
    def address(self) -> str:
        return f"{address(self.ingress)}/host[{self.host or '*'}]/path[{self.path}]"


def address(ingress: Object) -> str:
    """The logical place of an Ingress: `ingress[shop/chat]`."""
    name = f"{ingress.namespace}/{ingress.name}" if ingress.namespace else ingress.name
    return f"ingress[{name}]"


def of(ingress: Object) -> list[Path]:
    """The paths of an Ingress (networking.k8s.io/v1 and the beta versions before it)."""
    found = []
    for rule in _items(ingress.at("spec", "rules")):
        host = yaml_tree.text(rule, "host") or ""
        for entry in _items(yaml_tree.at(rule, "http", "paths")):
            found.append(_path(ingress, host, entry, yaml_tree.at(entry, "backend")))
    for name in ("defaultBackend", "backend"):
        backend = ingress.at("spec", name)
        if backend is not None:
            found.append(_path(ingress, "", backend, backend))
    return found


def hosts(ingress: Object) -> list[str]:
    """The hosts of an Ingress, whether they have paths or not."""
    return [yaml_tree.text(rule, "host") or "" for rule in _items(ingress.at("spec", "rules"))]


def _items(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Items):
        yield from node.items


def _path(ingress: Object, host: str, entry: Node, backend: Node | None) -> Path:
    node = yaml_tree.at(entry, "path")
    service = yaml_tree.at(backend, "service", "name") or yaml_tree.at(backend, "serviceName")
    port = yaml_tree.at(backend, "service", "port")
    shown = next((n for n in (node, service) if isinstance(n, Scalar)), None)
    return Path(
        ingress,
        host,
        node.text if isinstance(node, Scalar) else "/",
        yaml_tree.text(entry, "pathType") or "",
        service.text if isinstance(service, Scalar) else "",
        yaml_tree.text(port, "name")
        or yaml_tree.text(port, "number")
        or yaml_tree.text(backend, "servicePort")
        or "",
        Span(ingress.source, shown.start, shown.end) if shown else ingress.place,
    )


def beliefs(
    paths: Sequence[Path], services: Mapping[tuple[str, str], Object], declared: Declared
) -> list[Belief]:
    """The belief of each path, in order.

    Args: services: by namespace and name.
    """
    words = _by_declaration(paths, declared)
    stray = _naming_none({id(path.ingress): path.ingress for path in paths})
    found = [
        Belief(Level.POSSIBLE, "the profile says that it is none")
        if _excluded(path, declared)
        else words.get(at) or _told(path, services) or stray.get(id(path.ingress)) or _named(path)
        for at, path in enumerate(paths)
    ]
    explained = {
        id(path.ingress)
        for path, belief in zip(paths, found, strict=True)
        if belief.level > Level.POSSIBLE
    }
    return [
        belief if id(path.ingress) in explained else _by_ingress(path, belief, declared)
        for path, belief in zip(paths, found, strict=True)
    ]


def _by_ingress(path: Path, belief: Belief, declared: Declared) -> Belief:
    """The name of an Ingress speaks for all of its paths, unless one of them explains it."""
    if _excluded(path, declared):
        return belief
    named = by_names(path.ingress.name, path.path, path.host, path.service, second_sign=_sign(path))
    return named if named.level > belief.level else belief


def _excluded(path: Path, declared: Declared) -> bool:
    return any(below(path.head, excluded) for excluded in declared.not_websocket_paths)


def _by_declaration(paths: Sequence[Path], declared: Declared) -> dict[int, Belief]:
    """A declared path goes where the longest match of each host takes it; where a path names it,
    the catch-alls of other hosts are not believed to carry it."""
    found: dict[int, Belief] = {}
    for wanted in declared.websocket_paths:
        if wanted in ("/", "*", "/*"):
            belief = Belief(Level.CERTAIN, "the profile declares every path", declared=True)
            return dict.fromkeys((at for at, path in enumerate(paths) if path.body is None), belief)
        takers = _takers(paths, wanted)
        explicit = [at for at in takers if not paths[at].everything]
        for at in explicit or takers:
            sure = bool(explicit) or len(takers) == 1
            evidence = f"the profile declares `{wanted}`"
            if not explicit:
                evidence += ", and everything passes here"
            level = Level.CERTAIN if sure else Level.LIKELY
            found.setdefault(at, Belief(level, evidence, declared=True))
    return found


def _takers(paths: Sequence[Path], wanted: str) -> list[int]:
    stem = _LITERAL.match(wanted)
    stem_text = stem[0].rstrip("/") if stem else wanted
    best: dict[str, int] = {}
    inner = []
    for at, path in enumerate(paths):
        if not path.everything and below(path.head, stem_text):
            inner.append(at)
        elif _takes(path, stem_text):
            known = best.get(path.host)
            if known is None or len(path.head) > len(paths[known].head):
                best[path.host] = at
    named = {paths[at].host for at in inner}
    return sorted([*inner, *(at for host, at in best.items() if host not in named)])


def _takes(path: Path, wanted: str) -> bool:
    return path.kind != "Exact" and below(wanted, path.head)


def below(inner: str, outer: str) -> bool:
    """Is a path the other one, or under it?"""
    stem = outer.rstrip("/")
    return inner.rstrip("/") == stem or inner.startswith(f"{stem}/")


def _forwards(annotation: Annotation) -> bool:
    """Is it a snippet with Upgrade headers? Those of a location of its own are for that one."""
    text = annotation.text[:20_000]
    is_snippet = annotation.name.endswith(("-snippet", "-snippets")) and "location" not in text
    return is_snippet and _UPGRADE.search(text) is not None


def _told(path: Path, services: Mapping[tuple[str, str], Object]) -> Belief | None:
    """What a statement says about WebSockets."""
    if path.body is not None:
        forwards = _UPGRADE.search(path.body.text[:20_000])
        return Belief(Level.CERTAIN, "it forwards Upgrade headers") if forwards else None
    for annotation in path.ingress.annotations.values():
        if annotation.name == "websocket-services":
            named = {part.strip() for part in annotation.text.split(",")}
            if path.service in named:
                return Belief(Level.CERTAIN, f"`{annotation.key}` names `{path.service}`")
        elif _forwards(annotation):
            return Belief(Level.CERTAIN, f"`{annotation.name}` forwards Upgrade headers")
    service = services.get((path.ingress.namespace, path.service))
    for port in _items(service.at("spec", "ports")) if service else ():
        if speaks_websocket(port) and _is_port(port, path.port):
            spoken = yaml_tree.text(port, "appProtocol")
            return Belief(Level.CERTAIN, f"the service's port says `appProtocol: {spoken}`")
    return None


def speaks_websocket(port: Node) -> bool:
    """Does a port of a Service say that it speaks WebSocket (KEP-3726)?"""
    return yaml_tree.text(port, "appProtocol") in ("kubernetes.io/ws", "kubernetes.io/wss")


def _naming_none(ingresses: Mapping[int, Object]) -> dict[int, Belief]:
    """What is meant where an annotation names services, and none that the Ingress leads to."""
    found = {}
    for key, ingress in ingresses.items():
        for annotation in ingress.annotations.values():
            if annotation.name == "websocket-services" and not annotation.unknown:
                named = {part.strip() for part in annotation.text.split(",")}
                if named.isdisjoint(path.service for path in of(ingress)):
                    evidence = f"`{annotation.key}` names none of the services here"
                    found[key] = Belief(Level.LIKELY, evidence)
    return found


def _is_port(port: Node, wanted: str) -> bool:
    return wanted in ("", yaml_tree.text(port, "name"), yaml_tree.text(port, "port"))


def _named(path: Path) -> Belief:
    port = "" if path.port.isdigit() else path.port
    return by_names(path.path, path.host, path.service, port, second_sign=_sign(path))


def _sign(path: Path) -> str | None:
    """An idle time that somebody raised makes an ambiguous word likely."""
    for annotation in path.ingress.annotations.values():
        if annotation.name in ("proxy-read-timeout", "timeout-tunnel"):
            number = re.match(r"\d{1,9}+", annotation.text)
            unit = annotation.text[number.end() :].strip() if number else ""
            factor = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}.get(unit, 0.0)
            if number and float(number[0]) * factor >= LONG_S:
                return f"`{annotation.name}: {annotation.text}` is set"
    return None
