"""CloudFormation and SAM templates → topology: what a stack's load balancers will be.

Each world of the template (see `cfn_world`) is judged like an AWS answer; what is wrong in several
of them is one finding, for it stands at one place.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from lbcheck.model import Declared, Listener, Pool, Route, Source, Topology
from lbcheck.sources import aws, cfn_unread, yaml_tree
from lbcheck.sources.aws_written import Written
from lbcheck.sources.cfn_draft import CLASSIC, V2, Assembly
from lbcheck.sources.cfn_world import worlds
from lbcheck.sources.yaml_tree import Mapping, Node, Scalar

_PREFIXES = (V2, CLASSIC)
T = TypeVar("T", Listener, Route, Pool)


def read(sources: Sequence[Source], declared: Declared) -> Topology:
    """Every load balancer of the templates. Never raises for what a file holds."""
    here = {os.path.realpath(source.path) for source in sources if source.path}
    for source in sources:
        source.roots = (source.name,)
    topologies = [
        aws.read([written], declared) for source in sources for written in _documents(source, here)
    ]
    return Topology(
        tuple(sources),
        _distinct(t.listeners for t in topologies),
        _distinct(t.routes for t in topologies),
        _distinct(t.pools for t in topologies),
    )


def _distinct(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """What several worlds have alike, once."""
    kept: dict[str, list[T]] = {}
    for thing in chain.from_iterable(groups):
        alike = kept.setdefault(thing.address, [])
        if thing not in alike:
            alike.append(thing)
    return tuple(chain.from_iterable(kept.values()))


def _documents(source: Source, here: Collection[str]) -> Iterator[Written]:
    """A document for each world of a template."""
    if source.unread:
        return
    roots = [_template(root) for root in yaml_tree.documents(source)]
    source.nothing_else = True
    for template in roots:
        if not isinstance(template, Mapping):
            continue
        cfn_unread.say(source, template, here)
        bodies = list(_bodies(template))
        source.nothing_else &= not bodies
        for world in worlds(template, bodies) if bodies else ():
            yield Assembly(source, world, template).written()
    if not roots and source.troubles:
        source.unread = True


def _template(root: Node) -> Node:
    """The template; the Serverless Framework has one below `resources` of its `serverless.yml`."""
    inner = root.get("resources") if isinstance(root, Mapping) else None
    return inner if isinstance(inner, Mapping) and inner.get("Resources") else root


def _bodies(template: Mapping) -> Iterator[Node]:
    """The resources that are load balancers or parts of them."""
    declared = template.get("Resources")
    for _, body in declared.entries() if isinstance(declared, Mapping) else ():
        kind = body.get("Type") if isinstance(body, Mapping) else None
        if isinstance(kind, Scalar) and kind.text.startswith(_PREFIXES):
            yield body
