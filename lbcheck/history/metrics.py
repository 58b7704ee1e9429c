"""Metrics of a run for Prometheus, as node_exporter's textfile collector reads them.

Values are those of the last run that judged; a run that failed is told by the time of the last
success, which stands still. Labels are bounded: rules, severities, states and kinds of sources,
and of target groups the first ones by name. No time stamps: the collector refuses them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lbcheck import __version__
from lbcheck.history.digest import Digest, State
from lbcheck.history.memory import READ, Memory
from lbcheck.history.moment import seconds
from lbcheck.reporters.visible import visible

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_GROUPS = 200
_OTHERS = "(others)"


def text(digest: Digest, memory: Memory, duration_s: float) -> str:
    """The text exposition format, the same bytes for the same history.

    Args: memory: what is known after the run.
    """
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    _run(registry, digest, memory, duration_s)
    _findings(registry, memory)
    _targets(registry, memory)
    unread = sum(source.status != READ for source in memory.sources.values())
    _gauge(
        registry,
        "lbcheck_coverage_unparsed",
        "Sources that could not be read, or not whole.",
        {(): unread},
    )
    return generate_latest(registry).decode()


def _run(registry: CollectorRegistry, digest: Digest, memory: Memory, duration_s: float) -> None:
    at = seconds(digest.time)
    for name, what, value in (
        ("last_run_timestamp_seconds", "When a run ended last, however it did.", at),
        ("last_success_timestamp_seconds", "When a run judged last; 0: never.", memory.judged or 0),
        ("run_duration_seconds", "How long the last run read and judged.", duration_s),
        ("run_exit_code", "The exit code of the last run.", digest.exit_code),
    ):
        _gauge(registry, f"lbcheck_{name}", what, {(): value})
    _gauge(
        registry, "lbcheck_build_info", "The version of lbcheck.", {(__version__,): 1}, ["version"]
    )


def _findings(registry: CollectorRegistry, memory: Memory) -> None:
    counted = Counter(
        (known.finding.severity.value, known.finding.code, known.kind, known.state.value)
        for known in memory.findings.values()
        if known.state is not State.FIXED
    )
    labels = ["severity", "rule", "source", "state"]
    what = "Findings that are there, or may be (unknown), by rule and kind of source."
    _gauge(registry, "lbcheck_findings", what, counted, labels)


def _targets(registry: CollectorRegistry, memory: Memory) -> None:
    groups = sorted({pool for _, pool, _ in memory.targets})[:_GROUPS]
    shown = {group: visible(group) for group in groups}
    counted = Counter(
        (shown.get(spot[1], _OTHERS), target.state) for spot, target in memory.targets.items()
    )
    what = f"Targets by state, of the first {_GROUPS} groups by name; the others together."
    _gauge(registry, "lbcheck_targets", what, counted, ["group", "state"])


def _gauge(
    registry: CollectorRegistry,
    name: str,
    what: str,
    values: Mapping[Any, float],
    labels: list[str] | None = None,
) -> None:
    from prometheus_client import Gauge

    gauge = Gauge(name, what, labels or [], registry=registry)
    for key, value in sorted(values.items()):
        (gauge.labels(*key) if key else gauge).set(value)
