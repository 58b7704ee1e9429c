"""What an experiment is: a rule's two configurations, an act, and what a client then sees."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from lbcheck.lab.proxy import Proxy
from lbcheck.rule import Example
from lbcheck.rules import BY_CODE

Act = Callable[[Proxy, str], str]
"""Runs a proxy with a configuration, does something to it, and tells in words what a client saw."""


class Guard(Struct, frozen=True):
    """A healthy configuration that looks like the fault: the rule is silent, so is the proxy.

    `text` is the configuration, `name` what is special about it, `since` the oldest proxy version
    that reads it.
    """

    name: str
    text: str
    since: tuple[int, ...] = ()


class Experiment(Struct, frozen=True):
    """One way in which a rule's fault shows itself to a client of a real proxy.

    code, proxy: the rule, and "nginx" or "haproxy"; act: what is done; symptom and healthy: what
    `act` tells of the bad and of the good configuration; when: what happens to the targets
    meanwhile, if something does; number: which of the rule's examples for that proxy is run;
    bad, good: other configurations than the example's (judged like it);
    quick: pairs of text and replacement that make minutes seconds, before a proxy gets it;
    until: the version from which on the bad configuration is healthy, too.
    """

    code: str
    proxy: str
    act: Act
    symptom: str
    healthy: str
    when: str = ""
    number: int = 0
    bad: str = ""
    good: str = ""
    quick: tuple[tuple[str, str], ...] = ()
    guards: tuple[Guard, ...] = ()
    until: tuple[int, ...] = ()

    @property
    def example(self) -> Example:
        """The example of the rule that is run, or that says how to judge what is run instead."""
        return shown(self.code, self.proxy, self.number)

    def guards_on(self, version: tuple[int, ...]) -> tuple[Guard, ...]:
        """The guards that a proxy of this version can read."""
        return tuple(guard for guard in self.guards if version >= guard.since)

    @property
    def configurations(self) -> tuple[str, str, tuple[Guard, ...]]:
        """The bad and the good configuration and the guards, as a rule judges them."""
        return self.bad or self.example.bad, self.good or self.example.good, self.guards

    def runs_on(self, kind: str, version: tuple[int, ...]) -> bool:
        """Can a proxy of this version read the bad configuration?"""
        return kind == self.proxy and version >= self.example.since

    def shows_on(self, kind: str, version: tuple[int, ...]) -> bool:
        """Is the symptom seen on a proxy of this version?"""
        return self.runs_on(kind, version) and (not self.until or version < self.until)

    def hastened(self, config: str) -> str:
        """The configuration a proxy gets."""
        for written, instead in self.quick:
            config = config.replace(written, instead)
        return config


class Seen(Struct, frozen=True):
    """What clients of one proxy saw in an experiment."""

    experiment: Experiment
    proxy: Proxy
    bad: str
    good: str
    guards: tuple[str, ...] = ()

    @property
    def as_claimed(self) -> bool:
        """Was it what the experiment says for this version?"""
        experiment = self.experiment
        shows = experiment.shows_on(self.proxy.kind, self.proxy.version)
        return (
            self.bad == (experiment.symptom if shows else experiment.healthy)
            and self.good == experiment.healthy
            and all(seen == experiment.healthy for seen in self.guards)
        )


def shown(code: str, vendor: str, number: int = 0) -> Example:
    """One of a rule's examples for a vendor."""
    return [each for each in BY_CODE[code].examples if each.vendor.value == vendor][number]


def watch(experiment: Experiment, proxy: Proxy, *, guards: bool = False) -> Seen:
    """Run an experiment on one proxy, its configurations side by side.

    Raises: LaboratoryError: the proxy does not start.
    """
    bad, good, _ = experiment.configurations
    others = experiment.guards_on(proxy.version) if guards else ()
    texts = [bad, good, *(guard.text for guard in others)]
    with ThreadPoolExecutor(4) as side_by_side:
        seen = list(
            side_by_side.map(lambda text: experiment.act(proxy, experiment.hastened(text)), texts)
        )
    return Seen(experiment, proxy, seen[0], seen[1], tuple(seen[2:]))
