"""Metrics: what a collector reads, and that the alerts and the dashboard ask for nothing else."""

import json
import pathlib
import re

import yaml
from prometheus_client.parser import text_string_to_metric_families

from lbcheck.finding import Severity
from lbcheck.history import metrics
from lbcheck.history.digest import Digest, Remembered, State
from lbcheck.history.memory import Known, KnownSource, KnownTarget, Memory

DOCS = pathlib.Path(__file__).parent.parent.parent / "docs"
DIGEST = Digest(version="0.1.0", run=3, time="2026-11-18T11:06:40Z", exit_code=3)


def known(fingerprint: str, state: State) -> Known:
    finding = Remembered(fingerprint, "LB301", "n", Severity.ERROR, "certain", "m", "a.conf")
    return Known(finding, state, 1, 1, 1, "q", "nginx")


MEMORY = Memory(
    run=3,
    judged=1_794_999_000,
    findings={str(n): known(str(n), state) for n, state in enumerate([*State, State.OPEN])},
    sources={
        "a.conf": KnownSource("a.conf", "nginx", "read", "", 1, 1),
        "b.conf": KnownSource("b.conf", "nginx", "partial", "x", 1, 1),
    },
    targets={("s", 'gr"o\nup', "t1"): KnownTarget("draining", "", 1, 1, 1)},
)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return samples(text)[name, frozenset(labels.items())]


def test_a_collector_reads_what_the_history_knows() -> None:
    text = metrics.text(DIGEST, MEMORY, 1.5)
    finding = {"severity": "error", "rule": "LB301", "source": "nginx"}
    assert value(text, "lbcheck_findings", **finding, state="open") == 2
    assert value(text, "lbcheck_findings", **finding, state="unknown") == 1
    assert value(text, "lbcheck_last_run_timestamp_seconds") == 1_795_000_000
    assert value(text, "lbcheck_last_success_timestamp_seconds") == 1_794_999_000
    assert value(text, "lbcheck_run_duration_seconds") == 1.5
    assert value(text, "lbcheck_run_exit_code") == 3
    assert value(text, "lbcheck_coverage_unparsed") == 1
    assert value(text, "lbcheck_build_info", version="0.1.0") == 1
    assert value(text, "lbcheck_targets", group='gr"o\\x0aup', state="draining") == 1
    assert 'state="fixed"' not in text


def test_no_sample_has_a_time_which_the_collector_would_refuse() -> None:
    text = metrics.text(DIGEST, MEMORY, 1.5)
    samples_ = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"\w+(\{.*\})? [0-9.e+]+", line) for line in samples_)


def test_groups_beyond_a_limit_are_counted_together() -> None:
    targets = {
        ("s", f"group-{number:04}", "t"): KnownTarget("healthy", "", 1, 1, 1)
        for number in range(1000)
    }
    text = metrics.text(DIGEST, Memory(targets=targets), 0)
    assert text.count("lbcheck_targets{") == 201
    assert value(text, "lbcheck_targets", group="(others)", state="healthy") == 800


def test_the_alerts_and_the_dashboard_ask_for_metrics_that_exist() -> None:
    text = metrics.text(DIGEST, MEMORY, 1.5)
    there = {family.name for family in text_string_to_metric_families(text)}
    labels = {"lbcheck_findings": {"severity", "rule", "source", "state"}}
    alerts = yaml.safe_load((DOCS / "report/prometheus-alerts.yml").read_text())
    asked = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    dashboard = json.loads((DOCS / "report/grafana-dashboard.json").read_text())
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [each["query"] for each in dashboard["templating"]["list"][1:]]
    names = {name for expression in asked for name in re.findall(r"lbcheck_\w+", expression)}
    assert names == there
    for expression in asked:
        assert expression.count("(") == expression.count(")")
        assert expression.count("{") == expression.count("}")
        for inside in re.findall(r"lbcheck_findings\{([^}]*)\}", expression):
            assert set(re.findall(r"(\w+)[=!]~?\"", inside)) <= labels["lbcheck_findings"] | {
                "instance"
            }
    documented = set(re.findall(r"`(lbcheck_\w+)", (DOCS / "report.md").read_text()))
    assert documented == there


def test_alerts_have_what_prometheus_wants_of_them() -> None:
    alerts = yaml.safe_load((DOCS / "report/prometheus-alerts.yml").read_text())
    for group in alerts["groups"]:
        assert set(group) == {"name", "rules"}
        for rule in group["rules"]:
            assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
            assert re.fullmatch(r"[A-Za-z]+", rule["alert"])
            assert re.fullmatch(r"[0-9]+[smh]", rule["for"])
            assert rule["annotations"]["summary"]


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    dashboard = json.loads((DOCS / "report/grafana-dashboard.json").read_text())
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
