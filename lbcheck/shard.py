"""Share one audit out among several: each resource in exactly one share, whoever counts.

A share is told by a hash of what a resource is called, so it is the same in every run. Accounts are
asked by the share that they are in only; files are read by all (a route may lead through any of
them) and told by one, each with the file that it is read through.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.errors import UsageError
from lbcheck.finding import Finding
from lbcheck.model import Source, Topology

MOST = 100_000
# AWS Batch on EKS may set Kubernetes' variable as well, for its own purposes.
_SCHEDULERS = (
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
    ("JOB_COMPLETION_INDEX", "LBCHECK_SHARDS"),
)


class Shard(Struct, frozen=True):
    """Share `index`, from 0, of `count`."""

    index: int
    count: int

    def has(self, name: str) -> bool:
        """Is what is called so in this share?"""
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index

    def holds(self, source: Source) -> bool:
        """Is a source told by this share? An account was asked by none but its own."""
        if source.kind == "aws" and source.text is None:
            return True
        return self.has(min(source.roots, default=source.name))

    def told(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those of this share."""
        return [finding for finding in findings if self.holds(finding.location.source)]

    def part(self, topology: Topology) -> Topology:
        """What this share tells of a topology."""
        return replace(
            topology,
            sources=tuple(source for source in topology.sources if self.holds(source)),
            listeners=tuple(x for x in topology.listeners if self.holds(x.place.source)),
            routes=tuple(x for x in topology.routes if self.holds(x.place.source)),
            pools=tuple(x for x in topology.pools if self.holds(x.place.source)),
            whole=None,
        )


def parsed(text: str, environment: Mapping[str, str]) -> Shard:
    """`0/20`, or `auto` for what the scheduler says.

    Raises: UsageError for what is no share, or where no scheduler says it.
    """
    if text == "auto":
        text = _scheduled(environment)
    match = re.fullmatch(r"([0-9]{1,9}+)/([0-9]{1,9}+)", text)
    if match is None:
        raise UsageError(f"--shard {text[:60]}: write I/N, such as 0/20, or auto")
    shard = Shard(int(match[1]), int(match[2]))
    if not 0 < shard.count <= MOST:
        raise UsageError(f"--shard {text}: there are 1 to {MOST} shares")
    if shard.index >= shard.count:
        raise UsageError(
            f"--shard {text}: shares are counted from 0, the last is {shard.count - 1}"
        )
    return shard


def _scheduled(environment: Mapping[str, str]) -> str:
    for index, count in _SCHEDULERS:
        if environment.get(index) and environment.get(count):
            return f"{environment[index]}/{environment[count]}"
    for index, count in _SCHEDULERS:
        if environment.get(index):
            raise UsageError(f"--shard auto: {index} is set, and {count} (how many) is not")
    said = " nor ".join(f"{index} and {count}" for index, count in _SCHEDULERS)
    raise UsageError(f"--shard auto: neither {said} are set")
