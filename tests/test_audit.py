"""The engine: one filter, one exit code, one finding a fault."""

import hashlib
import pathlib
from collections.abc import Iterator

import pytest

from lbcheck import audit
from lbcheck.finding import Confidence, Problem, Severity
from lbcheck.fingerprint import _sha256
from lbcheck.model import (
    Belief,
    Level,
    Pointer,
    Route,
    Source,
    Span,
    Topology,
    Trouble,
    Vendor,
)
from lbcheck.profile import Profile
from lbcheck.rule import Rule
from lbcheck.run import run
from lbcheck.suppress import Suppression

TEXT = "one\n  two three;\nfour\n"
SOURCE = Source("edge/site.conf", "nginx", TEXT)


def route(level: Level = Level.CERTAIN, start: int = 6, end: int = 9) -> Route:
    return Route(
        vendor=Vendor.NGINX,
        address="http/server[x]/location[/ws]",
        place=Span(SOURCE, start, end),
        path="/ws",
        belief=Belief(level, "because"),
    )


def rule(code: str = "LB301", severity: Severity = Severity.ERROR, **changes: object) -> Rule:
    def check(subject: Route, profile: Profile) -> Iterator[Problem]:
        yield Problem(subject.place, "`two` is wrong")

    return Rule(
        code=code,
        name="a-rule",
        severity=severity,
        vendors=(Vendor.NGINX,),
        summary="S.",
        why="W.",
        remedy="R.",
        subject=Route,
        check=changes.get("check", check),
    )


def judged(*routes: Route, rules: tuple[Rule, ...] = (rule(),), **more: object) -> audit.Report:
    topology = Topology(sources=more.pop("sources", (SOURCE,)), routes=routes)
    profile = more.pop("profile", Profile())
    return audit.report(topology, profile, rules=rules, **more)


def test_a_finding_says_where_exactly_and_why_it_is_believed() -> None:
    (finding,) = judged(route()).findings
    place = finding.location
    assert (place.path, place.line, place.column, place.end_line, place.end_column) == (
        "edge/site.conf", 2, 3, 2, 6,
    )  # fmt: skip
    assert finding.code == "LB301"
    assert finding.family == "idle"
    assert finding.severity is Severity.ERROR
    assert finding.confidence is Confidence.CERTAIN
    assert finding.evidence == "because"
    assert finding.address == "http/server[x]/location[/ws]"


def test_the_same_fault_reached_in_two_ways_is_one_finding() -> None:
    assert len(judged(route(), route()).findings) == 1
    assert len(judged(route(), route(start=10, end=15)).findings) == 2


def test_belief_sets_the_confidence_and_what_is_only_possible_is_not_judged() -> None:
    report = judged(route(Level.LIKELY), route(Level.POSSIBLE, 10, 15))
    assert [finding.confidence for finding in report.findings] == [Confidence.LIKELY]
    assert report.unjudged == 1
    limits = audit.Limits(min_confidence=Confidence.POSSIBLE)
    report = judged(route(Level.LIKELY), route(Level.POSSIBLE, 10, 15), limits=limits)
    assert len(report.findings) == 2


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        (Severity.ERROR, Severity.ERROR, 1),
        (Severity.WARNING, Severity.ERROR, 0),
        (Severity.WARNING, Severity.WARNING, 1),
        (Severity.INFO, Severity.INFO, 1),
        (Severity.ERROR, None, 0),
    ],
)
def test_the_exit_code_follows_the_worst_finding(
    severity: Severity, fail_on: Severity | None, code: int
) -> None:
    limits = audit.Limits(fail_on=fail_on)
    assert judged(route(), rules=(rule(severity=severity),), limits=limits).exit_code == code


def test_what_could_not_be_read_makes_the_result_incomplete() -> None:
    broken = Source("edge/broken.conf", "nginx", "server {\n")
    broken.troubles.append(Trouble("`server` is never closed", 0, 6, "add a `}`"))
    report = judged(sources=(SOURCE, broken), rules=())
    assert (report.complete, report.exit_code) == (False, 3)
    (finding,) = report.findings
    assert (finding.code, finding.location.line) == ("LB901", 1)
    assert finding.message == "`server` is never closed; add a `}`"


def test_findings_win_over_an_incomplete_reading() -> None:
    broken = Source("edge/broken.conf", "nginx", "")
    broken.troubles.append(Trouble("cannot be read"))
    assert judged(route(), sources=(SOURCE, broken)).exit_code == 1


def test_nothing_to_audit_is_incomplete() -> None:
    assert judged(sources=()).exit_code == 3


def test_a_crashing_rule_is_a_finding_and_the_others_still_report() -> None:
    def crash(subject: Route, profile: Profile) -> Iterator[Problem]:
        raise ValueError("boom")
        yield

    report = judged(route(), rules=(rule("LB302", check=crash), rule()))
    assert [finding.code for finding in report.findings] == ["LB301", "LB902"]
    assert report.exit_code == 4
    assert "rule LB302 failed here (ValueError: boom)" in report.findings[1].message


def test_a_profile_changes_a_severity_or_switches_a_rule_off() -> None:
    (finding,) = judged(route(), profile=Profile(rules={"LB301": "info"})).findings
    assert finding.severity is Severity.INFO
    assert judged(route(), profile=Profile(rules={"LB301": "off"})).findings == ()


def test_what_could_not_be_read_stays_incomplete_when_a_profile_switches_its_rule_off() -> None:
    broken = Source("edge/broken.conf", "nginx", "x\n")
    broken.troubles.append(Trouble("is not closed", 0, 1))
    report = judged(sources=(SOURCE, broken), profile=Profile(rules={"LB901": "off"}))
    assert (report.findings, report.hidden) == ((), 1)
    assert (report.complete, report.exit_code) == (False, 3)


def test_a_crash_stays_a_crash_when_a_profile_switches_its_rule_off() -> None:
    def crash(subject: Route, profile: Profile) -> Iterator[Problem]:
        raise ValueError("boom")
        yield

    off = Profile(rules={"LB902": "off"})
    report = judged(route(), rules=(rule(check=crash),), profile=off)
    assert (report.findings, report.hidden, report.exit_code) == ((), 1, 4)


def suppression(until: str | None, line: int = 2) -> Suppression:
    return Suppression(Span(SOURCE, 0, 3), 1, ("LB301",), line, line, "a reason", until)


@pytest.mark.parametrize(
    ("until", "expiring"),
    [
        ("2026-11-22", []),
        ("2026-11-23", ["2026-11-23"]),
        ("2026-12-07", ["2026-12-07"]),
        ("2026-12-08", []),
        (None, []),
    ],
)
def test_suppressions_that_end_within_two_weeks_are_told(
    until: str | None, expiring: list[str]
) -> None:
    report = judged(route(), suppressions=[suppression(until)], today="2026-11-23")
    assert [item.until for item in report.expiring] == expiring


def test_a_suppression_that_ends_soon_is_told_once_and_never_without_a_date_of_today() -> None:
    both = route(), route(start=10, end=15)
    one = [suppression("2026-11-30")]
    assert len(judged(*both, suppressions=one, today="2026-11-23").expiring) == 1
    assert judged(*both, suppressions=one).expiring == ()


def test_what_the_limits_hide_is_counted() -> None:
    report = judged(route(), rules=(rule(severity=Severity.INFO),),
                    limits=audit.Limits(min_severity=Severity.WARNING))  # fmt: skip
    assert (report.findings, report.hidden, report.exit_code) == ((), 1, 0)
    assert judged(route(), limits=audit.Limits(ignore=frozenset({"LB301"}))).findings == ()
    assert judged(route(), limits=audit.Limits(select=frozenset({"LB999"}))).findings == ()


def test_a_fingerprint_is_the_same_on_every_python() -> None:
    assert _sha256()(b"x").hexdigest() == hashlib.sha256(b"x").hexdigest()


def test_a_fingerprint_survives_moved_lines_and_changed_blanks() -> None:
    def first(text: str, start: int, end: int) -> str:
        source = Source("edge/site.conf", "nginx", text)
        moved = Route(
            vendor=Vendor.NGINX, address="a", place=Span(source, start, end), path="/",
            belief=Belief(Level.CERTAIN, ""),
        )  # fmt: skip
        return judged(moved, sources=(source,)).findings[0].fingerprint

    assert first("proxy_read_timeout 10s;", 0, 22) == first("\n\nproxy_read_timeout   10s;", 2, 26)
    assert first("proxy_read_timeout 10s;", 0, 22) != first("proxy_read_timeout 20s;", 0, 22)


def test_a_place_in_a_live_account_has_a_resource_and_no_line() -> None:
    live = Source("aws:eu-west-1", "aws", None)
    place = Pointer(live, ("TargetGroups", 0, "Port"), "arn:aws:x")
    there = Route(
        vendor=Vendor.NGINX, address="a", place=place, path="/", belief=Belief(Level.CERTAIN, "")
    )
    (finding,) = judged(there, sources=(live,)).findings
    assert (finding.location.resource, finding.location.line) == ("arn:aws:x", None)


def test_rules_are_named_by_code_name_or_family() -> None:
    assert list(audit.codes(["LB301"])) == ["LB301"]
    assert list(audit.codes(["idle-timeout-below-heartbeat"])) == ["LB301"]
    assert set(audit.codes(["lb3"])) >= {"LB301"}
    with pytest.raises(KeyError):
        list(audit.codes(["LB999"]))
    with pytest.raises(KeyError):
        list(audit.codes([""]))


def test_what_fails_the_run_fails_it_though_it_is_not_shown() -> None:
    limits = audit.Limits(min_severity=Severity.ERROR, fail_on=Severity.WARNING)
    report = judged(route(), rules=(rule(severity=Severity.WARNING),), limits=limits)
    assert (report.findings, report.hidden, report.exit_code) == ((), 1, 1)


def test_an_audit_of_nothing_is_not_complete() -> None:
    assert judged(sources=()).complete is False


@pytest.mark.parametrize("level", [Level.POSSIBLE, Level.LIKELY])
def test_a_suppression_of_something_less_sure_than_what_is_shown_is_used(level: Level) -> None:
    ignored = Suppression(Span(SOURCE, 0, 3), 2, ("LB301",), 2, 2, "because", None)
    limits = audit.Limits(min_confidence=Confidence.CERTAIN)
    report = judged(route(level), suppressions=[ignored], limits=limits)
    assert (report.findings, report.suppressed) == ((), ())


def test_a_suppression_of_a_rule_that_is_switched_off_is_not_called_unused() -> None:
    ignored = Suppression(Span(SOURCE, 0, 3), 2, ("LB301",), 2, 2, "because", None)
    report = judged(route(), suppressions=[ignored], profile=Profile(rules={"LB301": "off"}))
    assert report.findings == ()


def shared(*names: str) -> str:
    """The fingerprint of a statement that the locations of these servers inherit alike."""
    routes = [
        Route(
            vendor=Vendor.NGINX, address=f"http/server[{name}]", place=Span(SOURCE, 6, 9),
            path="/", belief=Belief(Level.CERTAIN, ""),
        )
        for name in names
    ]  # fmt: skip
    (finding,) = judged(*routes).findings
    return finding.fingerprint


def test_a_fingerprint_does_not_depend_on_the_order_of_those_who_share_the_fault() -> None:
    assert shared("a", "b", "c") == shared("c", "a", "b") == shared("a")


def test_a_fingerprint_is_the_same_from_wherever_a_file_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = tmp_path / "shop" / "edge"
    edge.mkdir(parents=True)
    conf = "server { listen 80; location /ws/ { proxy_pass http://a:1; } }\n"
    (edge / "site.conf").write_text(conf)
    prints = set()
    for repository in ("", "shop"):
        if repository:
            (tmp_path / repository / ".git").mkdir()
            prints.clear()
        for folder, named in (("shop", "."), ("shop/edge", "site.conf"), ("", "shop/edge")):
            monkeypatch.chdir(tmp_path / folder)
            prints.add(tuple(finding.fingerprint for finding in run([named]).findings))
        assert len(prints) == 1
    (tmp_path / "shop").rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    prints.add(tuple(finding.fingerprint for finding in run(["elsewhere"]).findings))
    assert len(prints) == 1
    assert len(prints.pop()) > 1
