"""Annotations where nobody looks for them: in `spec`, among the labels, on a Deployment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lbcheck.model import Span
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.k8s_controller import owner
from lbcheck.sources.k8s_faults import Fault, purpose_of
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.sources.yaml_tree import Mapping, Scalar

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod")
_ELSEWHERE: tuple[tuple[str, ...], ...] = (
    (),
    ("annotations",),
    ("metadata",),
    ("spec",),
    ("spec", "annotations"),
)


def of(thing: Object) -> Iterator[Fault]:
    """What stands in an Ingress or a Service, but not among its annotations."""
    yield from _faults(thing.labels.values(), "it stands among the labels, not the annotations")
    for path in _ELSEWHERE:
        where = f"in `{'.'.join(path)}`" if path else "beside `metadata`"
        reason = f"it stands {where}, and only `metadata.annotations` is read"
        yield from _faults(_scalars(thing, path), reason)


def of_workload(thing: Object) -> Iterator[Fault]:
    reason = f"controllers read Ingresses and Services, and this is a {thing.kind}"
    yield from _faults(thing.annotations.values(), reason)
    template = ("spec", "template", "metadata", "annotations")
    yield from _faults(_scalars(thing, template), reason)


def _scalars(thing: Object, path: tuple[str, ...]) -> Iterator[Annotation]:
    node = thing.at(*path)
    for key, value in node.entries() if isinstance(node, Mapping) else ():
        if "/" in key.text and isinstance(value, Scalar):
            place = Span(thing.source, key.start, max(value.end, key.end))
            yield Annotation(key.text, value.text.strip(), value.kind, place)


def _faults(found: Iterable[Annotation], reason: str) -> Iterator[Fault]:
    for annotation in found:
        wanted = purpose_of(annotation)
        if wanted is not None and (owner(annotation.prefix) or annotation.prefix in keys.NLB):
            yield Fault(annotation, wanted, reason)
