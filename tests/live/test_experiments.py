"""Every experiment on every proxy: bad -> symptom, good -> gone, and no guard shows it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lbcheck.lab.experiment import Experiment, Seen, watch
from lbcheck.lab.experiments import ALL
from lbcheck.lab.proxy import Proxy
from tests import binaries

PROXIES: tuple[Proxy, ...] = (*binaries.nginx(), *binaries.haproxy())
# The longest first, so that two processes end together.
RUNS = [
    pytest.param(experiment, id=f"{experiment.code}-{number}-{experiment.proxy}")
    for number, experiment in sorted(enumerate(ALL), key=lambda each: each[1].code != "LB302")
]


@pytest.mark.parametrize("experiment", RUNS)
def test_clients_see_what_the_experiment_says(experiment: Experiment) -> None:
    proxies = [each for each in PROXIES if experiment.runs_on(each.kind, each.version)]
    assert proxies
    with ThreadPoolExecutor(len(proxies)) as versions:
        for seen in versions.map(lambda each: watch(experiment, each, guards=True), proxies):
            holds(seen)


def holds(seen: Seen) -> None:
    experiment, proxy = seen.experiment, seen.proxy
    shows = experiment.shows_on(proxy.kind, proxy.version)
    wanted = [experiment.symptom if shows else experiment.healthy, experiment.healthy]
    assert (proxy.text, [seen.bad, seen.good]) == (proxy.text, wanted)
    for guard, saw in zip(experiment.guards_on(proxy.version), seen.guards, strict=True):
        assert (proxy.text, guard.name, saw) == (proxy.text, guard.name, experiment.healthy)
    assert seen.as_claimed
