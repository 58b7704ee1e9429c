"""Healthy configurations that look like a fault, each cut from a rule's good configuration.

The rule must be silent about every one of them, and a client of the real proxy must see nothing:
a finding on a healthy configuration is as wrong as silence about a faulty one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import structs

from lbcheck.lab.alike_pools import POOLS
from lbcheck.lab.alike_routes import ROUTES
from lbcheck.lab.experiment import Experiment, Guard

ALIKE = (*ROUTES, *POOLS)


def guards(experiment: Experiment, name: str) -> Iterator[Guard]:
    """The look-alikes of what an experiment calls good; `name`: what their rows call it.

    Raises: ValueError: the good configuration has nothing of what is to be replaced.
    """
    for whose, proxy, special, *pairs in ALIKE:
        if (whose, proxy) == (name, experiment.proxy):
            text = experiment.good or experiment.example.good
            for written, instead in zip(pairs[::2], pairs[1::2], strict=True):
                if written not in text:
                    raise ValueError(f"{name}: {written!r} is not in its good configuration")
                text = text.replace(written, instead, 1)
            yield Guard(special, text)


def with_guards(experiments: Iterable[Experiment]) -> Iterator[Experiment]:
    """These experiments, each with its look-alikes as guards."""
    met: Counter[tuple[str, str]] = Counter()
    for experiment in experiments:
        key = (experiment.code, experiment.proxy)
        met[key] += 1
        name = experiment.code if met[key] == 1 else f"{experiment.code}:{met[key]}"
        every = (*experiment.guards, *guards(experiment, name))
        yield structs.replace(experiment, guards=every)
