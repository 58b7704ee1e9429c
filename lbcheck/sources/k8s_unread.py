"""Say which objects lead requests and were not read: what nobody looked at is no clean bill.

Where something in an object speaks of WebSockets it is a trouble of its source; the others are
counted, as routes without a sign of WebSockets are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from lbcheck.belief import strong_word
from lbcheck.model import Declared
from lbcheck.sources import detect, k8s_gateway, k8s_objects, k8s_paths, yaml_tree
from lbcheck.sources.k8s_cluster import Cluster
from lbcheck.sources.k8s_kinds import UNREAD
from lbcheck.sources.k8s_objects import Object
from lbcheck.sources.yaml_tree import Mapping, Node, Scalar

_LONGEST = 200  # a longer text is a script or a certificate, no name or path
_LIVE = "prove it where it runs: `lbcheck probe URL`"
_REMEDIES = {
    "k8s.nginx.org": "audit what the controller makes of it: `nginx -T` in its pod",
    "route.openshift.io": "audit what the router makes of it: its pod's `haproxy.config`",
}


def say(cluster: Cluster, declared: Declared) -> None:
    """Tell of every object that leads requests and is read by nobody."""
    served = k8s_gateway.served(cluster.objects)
    websockets = frozenset(_websocket_services(cluster))
    for thing in cluster.objects:
        group = (thing.text("apiVersion") or "").partition("/")[0]
        if thing.kind not in UNREAD.get(group, ()) or id(thing) in served:
            continue
        sign = _sign(thing, websockets, declared)
        if sign is None:
            pass_over(thing)
        else:
            said = f"the {thing.kind} `{thing.name}` ({group}) is not read, and {sign}"
            k8s_objects.say(thing.source, said, thing.place, _REMEDIES.get(group, _LIVE))
        thing.source.nothing_else |= not detect.says_balancer(thing.source.text or "")


def pass_over(thing: Object) -> None:
    """Count an object that nobody judges, and nothing says that it needs it."""
    counted = thing.source.passed_over
    counted[thing.kind] = counted.get(thing.kind, 0) + 1


def _websocket_services(cluster: Cluster) -> Iterator[str]:
    for service in cluster.of("Service"):
        ports = service.at("spec", "ports")
        for port in ports.items if isinstance(ports, yaml_tree.Sequence) else ():
            if k8s_paths.speaks_websocket(port):
                yield service.name


def _sign(thing: Object, services: Collection[str], declared: Declared) -> str | None:
    """What says that WebSockets pass; None where nothing does."""
    paths = []
    for text in _texts(thing):
        if text in services:
            return f"the Service `{text}` says that it speaks WebSocket"
        if "timeout-tunnel" in text:  # of routers built on HAProxy: WebSockets have it, others not
            return f"`{text}` is set"
        if word := strong_word(text):
            return f"`{text.replace('`', '')}` names `{word}`"
        paths += [text] if text.startswith("/") else []
    for wanted in declared.websocket_paths:
        if not paths or any(_meet(wanted, path) for path in paths):
            return f"the profile declares `{wanted}`"
    return None


def _meet(wanted: str, path: str) -> bool:
    return k8s_paths.below(wanted, path) or k8s_paths.below(path, wanted)


def _texts(thing: Object) -> Iterator[str]:
    """The name, the annotations' keys, and every short text of the specification."""
    yield thing.name
    yield from thing.annotations
    spec = thing.at("spec")
    for text in _below(spec) if spec is not None else ():
        if len(text) <= _LONGEST:
            yield text


def _below(node: Node) -> Iterator[str]:
    parts: Iterable[Node] = ()
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, Mapping):
        for key, value in node.entries():
            yield key.text
            yield from _below(value)
    else:
        parts = node.items
    for part in parts:
        yield from _below(part)
