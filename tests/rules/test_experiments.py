"""What the laboratory runs is what rules claim: judged by them, and by nothing else."""

import pathlib
from collections import Counter

import pytest

from lbcheck.lab import alike, experiments
from lbcheck.lab.experiment import Experiment
from lbcheck.rule import Rule
from lbcheck.rules import ALL, BY_CODE, proven
from lbcheck.run import Options, run

EXPERIMENTS = [
    pytest.param(each, id=f"{each.code}-{number}-{each.proxy}")
    for number, each in enumerate(experiments.ALL)
]
NAMES = {"nginx": "site.conf", "haproxy": "haproxy.cfg"}
UNSHOWN = {("LB219", "haproxy"): "`init-state` came with 3.1, newer than the laboratory's"}
HOW = "give it an experiment in lbcheck/lab"


def reported(text: str, experiment: Experiment, folder: pathlib.Path) -> bool:
    path = folder / NAMES[experiment.proxy]
    path.write_text(text)
    profile = experiment.example.profile
    if "\n" in profile:
        (folder / "profile.yaml").write_text(profile)
        profile = str(folder / "profile.yaml")
    found = run([str(path)], Options(profiles=(profile,), today="2026-11-23")).findings
    return experiment.code in [finding.code for finding in found]


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_rule_reports_what_shows_the_symptom_and_is_silent_about_what_does_not(
    experiment: Experiment, tmp_path: pathlib.Path
) -> None:
    bad, good, guards = experiment.configurations
    assert reported(bad, experiment, tmp_path)
    assert not reported(good, experiment, tmp_path)
    for guard in guards:
        assert not reported(guard.text, experiment, tmp_path), guard.name


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_experiment_tells_symptom_and_health_apart_and_has_no_idle_part(
    experiment: Experiment,
) -> None:
    bad, good, guards = experiment.configurations
    assert experiment.symptom != experiment.healthy
    texts = [bad, good, *(guard.text for guard in guards)]
    assert len(set(texts)) == len(texts)
    for written, instead in experiment.quick:
        assert any(written in text for text in texts), written
        assert written != instead


def test_every_look_alike_is_a_guard_of_an_experiment() -> None:
    guarded = Counter((e.code, e.proxy, g.name) for e in experiments.ALL for g in e.guards)
    alike_ones = Counter((c.partition(":")[0], proxy, name) for c, proxy, name, *_ in alike.ALIKE)
    assert alike_ones <= guarded


def test_every_experiment_has_a_guard_that_its_proxies_can_read() -> None:
    unguarded = [
        (each.code, proof)
        for each in experiments.ALL
        for proof in experiments.versions(each)
        if not each.guards_on(tuple(map(int, proof.version.split("."))))
    ]
    assert unguarded == []


def test_experiments_stand_in_the_order_of_the_rules() -> None:
    codes = [each.code for each in experiments.ALL]
    assert codes == sorted(codes)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_a_rule_claims_what_is_shown_and_nothing_else(rule: Rule[object]) -> None:
    assert set(rule.proven) == set(experiments.proofs(rule.code)), HOW


def test_what_a_rule_says_of_a_proxy_is_shown_or_nothing_there_can_show_it() -> None:
    spoken = {
        (rule.code, example.vendor.value)
        for rule in ALL
        for example in rule.examples
        if example.vendor.value in NAMES and not example.kind and not example.edition
    }
    shown = {(each.code, each.proxy) for each in experiments.ALL}
    assert spoken - shown == set(UNSHOWN)
    assert all(BY_CODE[code].proven == () for code, _ in UNSHOWN)


def test_the_versions_rules_claim_are_those_of_the_laboratory() -> None:
    known = {*proven.NGINX, *proven.HAPROXY}
    assert {proof for rule in ALL for proof in rule.proven} <= known
