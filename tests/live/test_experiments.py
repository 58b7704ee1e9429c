"""Every experiment on every proxy: bad -> symptom, good -> gone, and no guard shows it."""

import pytest

from lbcheck.lab.experiment import Experiment, watch
from lbcheck.lab.experiments import ALL
from lbcheck.lab.proxy import Proxy
from tests import binaries

PROXIES: tuple[Proxy, ...] = (*binaries.nginx(), *binaries.haproxy())
# The longest first, so that two processes end together.
RUNS = [
    pytest.param(experiment, proxy, id=f"{experiment.code}-{number}-{proxy.kind}-{proxy.text}")
    for number, experiment in sorted(enumerate(ALL), key=lambda each: each[1].code != "LB302")
    for proxy in PROXIES
    if experiment.runs_on(proxy.kind, proxy.version)
]


@pytest.mark.parametrize(("experiment", "proxy"), RUNS)
def test_clients_see_what_the_experiment_says(experiment: Experiment, proxy: Proxy) -> None:
    seen = watch(experiment, proxy, guards=True)
    shows = experiment.shows_on(proxy.kind, proxy.version)
    assert seen.bad == (experiment.symptom if shows else experiment.healthy)
    assert seen.good == experiment.healthy
    for guard, saw in zip(experiment.guards, seen.guards, strict=True):
        assert (guard.name, saw) == (guard.name, experiment.healthy)
    assert seen.as_claimed
