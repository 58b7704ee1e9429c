"""Every rule's examples are run: by lbcheck, and by the real nginx and HAProxy."""

import json
import pathlib
import re

import pytest
import yaml

from lbcheck.finding import Finding
from lbcheck.history.draining import recalled
from lbcheck.model import Vendor
from lbcheck.rule import Example, Rule
from lbcheck.rules import ALL, BY_CODE
from lbcheck.run import Options, audited
from tests import binaries

MARK = re.compile(r"[ \t]*# <- here[ \t]*$", re.MULTILINE)
NAMES = {Vendor.NGINX: "site.conf", Vendor.HAPROXY: "haproxy.cfg", Vendor.AWS: "state.json"}
NAMES_OF_KINDS = {
    "kubernetes": "manifest.yaml",
    "terraform": "main.tf",
    "cloudformation": "template.yaml",
}
CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{example.vendor.value}-{number}")
    for rule in ALL
    for number, example in enumerate(rule.examples)
]


def findings(text: str, example: Example, folder: pathlib.Path) -> tuple[Finding, ...]:
    path = folder / (NAMES_OF_KINDS.get(example.kind) or NAMES[example.vendor])
    path.write_text(text)
    profile = example.profile
    if "\n" in profile:
        (folder / "profile.yaml").write_text(profile)
        profile = str(folder / "profile.yaml")
    options = Options(profiles=(profile,), today="2026-11-23")
    report, _ = audited([str(path)], options, lambda t: recalled(t, lambda _: example.draining_s))
    assert [(s.name, [t.message for t in s.troubles]) for s in report.sources if s.troubles] == []
    return report.findings


def lines(found: tuple[Finding, ...]) -> list[tuple[str, int | None, str]]:
    return [(finding.code, finding.location.line, finding.message) for finding in found]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_the_bad_example_is_reported_on_exactly_the_marked_lines(
    rule: Rule, example: Example, tmp_path: pathlib.Path
) -> None:
    found = findings(example.bad, example, tmp_path)
    mine = {finding.location.line for finding in found if finding.code == rule.code}
    if example.vendor is Vendor.AWS and not example.kind:
        wanted = {line_of(example.bad, path) for path in example.here}
    else:
        wanted = {
            number for number, line in enumerate(example.bad.splitlines(), 1) if MARK.search(line)
        }
    assert wanted, "nothing is marked"
    assert mine == wanted, lines(found)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_the_good_example_is_silent_for_every_rule(
    rule: Rule, example: Example, tmp_path: pathlib.Path
) -> None:
    assert lines(findings(example.good, example, tmp_path)) == []


def line_of(text: str, path: str) -> int:
    """The line of a snapshot on which the value at `path` ("TargetGroups/0/Port") starts.

    A slash in a key is written `~1`, as in JSON pointers (RFC 6901).
    """
    from lbcheck.model import Pointer, Source
    from lbcheck.sources import aws_snapshot

    steps = tuple(
        int(step) if step.isdigit() else step.replace("~1", "/") for step in path.split("/")
    )
    source = Source("state.json", "aws", text)
    span = aws_snapshot.locate(Pointer(source, steps, ""))
    assert span is not None, f"{path} is nowhere in the example"
    return source.position(span[0])[0]


# That code parses is seen above: nothing is in trouble.
CODE = ("terraform", "cloudformation")
OTHERS = [case for case in CASES if case.values[1].edition]
REAL = [case for case in CASES if case.values[1].kind not in CODE and case not in OTHERS]


@pytest.mark.parametrize("which", ["bad", "good"])
@pytest.mark.parametrize(("rule", "example"), REAL)
def test_the_real_thing_accepts_the_example(
    rule: Rule, example: Example, which: str, tmp_path: pathlib.Path
) -> None:
    text = getattr(example, which)
    if example.kind == "kubernetes":
        for manifest in yaml.safe_load_all(text):
            annotations = manifest["metadata"].get("annotations", {})
            assert all(isinstance(value, str) for value in annotations.values())
        return
    match example.vendor:
        case Vendor.NGINX:
            for nginx in (each for each in binaries.nginx() if each.version >= example.since):
                assert nginx.refusal(text, tmp_path) is None
        case Vendor.HAPROXY:
            for haproxy in (each for each in binaries.haproxy() if each.version >= example.since):
                assert haproxy.refusal(text, tmp_path) is None
        case Vendor.AWS:
            from tests.aws import shapes

            assert shapes.violations(json.loads(text)) == []


@pytest.mark.parametrize(("rule", "example"), OTHERS)
def test_an_example_of_another_edition_is_refused_by_open_source_nginx(
    rule: Rule, example: Example, tmp_path: pathlib.Path
) -> None:
    assert rule.proven == ()
    for text in (example.bad, example.good):
        for nginx in binaries.nginx():
            assert "unknown directive" in (nginx.refusal(text, tmp_path) or "")


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_a_rule_has_an_example_for_each_vendor_it_speaks_of(rule: Rule) -> None:
    if rule.check is not None:
        assert {example.vendor for example in rule.examples} == set(rule.vendors)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_a_rule_says_what_why_and_how_to_mend_it(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name)
    for text in (rule.summary, rule.why, rule.remedy):
        assert text.endswith("."), text
    assert all(url.startswith("https://") for url in rule.references)


def test_codes_and_names_are_unique_and_in_order() -> None:
    assert [rule.code for rule in ALL] == sorted({rule.code for rule in ALL})
    assert len({rule.name for rule in ALL}) == len(ALL)
    assert list(BY_CODE) == [rule.code for rule in ALL]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_what_a_rule_says_of_its_fixes_is_what_it_offers(
    rule: Rule, tmp_path: pathlib.Path
) -> None:
    offered = {
        finding.fix.safe
        for example in rule.examples
        for finding in findings(example.bad, example, tmp_path)
        if finding.code == rule.code and finding.fix is not None
    }
    worst = "unsafe" if False in offered else "safe" if True in offered else "no"
    assert rule.fixable == worst
