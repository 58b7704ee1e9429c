"""What starts and stops the pods behind a Service: how long they have to say goodbye."""

from __future__ import annotations

import re

from lbcheck.model import Deployment, Origin, Setting, Span
from lbcheck.sources import yaml_tree
from lbcheck.sources.k8s_objects import Object
from lbcheck.sources.yaml_tree import Mapping, Scalar, Sequence

_GRACE = "terminationGracePeriodSeconds"
_DEFAULT_GRACE_S = 30.0
_SLEEP = re.compile(r"\bsleep[ ]++(\d{1,6})\b")
_POD = ("spec", "template", "spec")


def deployment(workload: Object) -> Deployment:
    """The workload as rules see it."""
    return Deployment(
        name=f"the {workload.kind} `{workload.name}`",
        stop_time=_stop_time(workload),
        stops_all=_stops_all(workload),
    )


def _stop_time(workload: Object) -> Setting[float] | None:
    """From SIGTERM to SIGKILL: a `preStop` hook that sleeps takes its part of the grace period."""
    written, place = workload.text(*_POD, _GRACE), workload.entry(*_POD, _GRACE)
    grace, origin = _DEFAULT_GRACE_S, Origin.DEFAULT
    if written is not None and place is not None:
        if not (written.isascii() and written.isdigit() and len(written) < 9):
            return None
        grace, origin = float(written), Origin.SET
    slept = _slept(workload)
    if slept is None:
        return None
    return Setting(_GRACE, max(grace - slept, 0.0), origin, place or workload.place)


def _slept(workload: Object) -> float | None:
    """The longest sleep of the containers' hooks; None where a hook does something else."""
    longest = 0.0
    containers = workload.at(*_POD, "containers")
    for container in containers.items if isinstance(containers, Sequence) else ():
        hook = yaml_tree.at(container, "lifecycle", "preStop")
        if hook is None:
            continue
        native = yaml_tree.text(hook, "sleep", "seconds")
        command = yaml_tree.at(hook, "exec", "command")
        words = command.items if isinstance(command, Sequence) else ()
        said = " ".join(word.text for word in words if isinstance(word, Scalar))
        found = _SLEEP.search(f"sleep {native}" if native else said)
        if found is None:
            return None
        longest = max(longest, float(found[1]))
    return longest


def _stops_all(workload: Object) -> Setting[str] | None:
    """`Recreate` of several pods; of one it is how a volume is handed on."""
    strategy = workload.at("spec", "strategy")
    if not isinstance(strategy, Mapping) or workload.text("spec", "replicas") in (None, "0", "1"):
        return None
    for path, bad in (
        (("type",), "Recreate"),
        (("rollingUpdate", "maxUnavailable"), "100%"),
    ):
        node = yaml_tree.at(strategy, *path)
        if isinstance(node, Scalar) and node.text == bad:
            place = Span(workload.source, node.start, node.end)
            return Setting(f"strategy.{'.'.join(path)}", bad, Origin.SET, place)
    return None
