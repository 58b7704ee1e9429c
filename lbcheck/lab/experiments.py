"""Every experiment, in the order of the rules, and what rules may claim because of them."""

from __future__ import annotations

from operator import attrgetter

from lbcheck.lab import balance, chain, drain, health, idle, servers, upgrade, upstreams
from lbcheck.lab.alike import with_guards
from lbcheck.lab.experiment import Experiment
from lbcheck.rule import Proof
from lbcheck.rules import proven

_TOPICS = (upgrade, health, idle, drain, servers, balance, upstreams, chain)
_LISTED = sorted((each for topic in _TOPICS for each in topic.EXPERIMENTS), key=attrgetter("code"))
ALL: tuple[Experiment, ...] = tuple(with_guards(_LISTED))


def of(code: str) -> tuple[Experiment, ...]:
    """The experiments of one rule."""
    return tuple(each for each in ALL if each.code == code)


def versions(experiment: Experiment) -> tuple[Proof, ...]:
    """The proxy versions of the laboratory on which an experiment shows the symptom."""
    return tuple(
        proof
        for proof in (*proven.NGINX, *proven.HAPROXY)
        if experiment.shows_on(proof.proxy, tuple(map(int, proof.version.split("."))))
    )


def proofs(code: str) -> frozenset[Proof]:
    """What a rule is proven on, by the experiments there are."""
    return frozenset(proof for each in of(code) for proof in versions(each))
