"""What a rule edits in its own bad example mends it, and the real proxies accept the result."""

import pathlib

import pytest

from lbcheck.finding import Finding, Fix
from lbcheck.model import Vendor
from lbcheck.rule import Example, Family, Rule
from lbcheck.rules import ALL
from tests import binaries
from tests.test_examples import MARK, findings

FIXABLE = [
    rule for rule in ALL if rule.fixable != "no" and rule.family in (Family.UPGRADE, Family.IDLE)
]
CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{example.vendor.value}-{number}")
    for rule in FIXABLE
    for number, example in enumerate(rule.examples)
    if example.vendor is not Vendor.AWS
]


WITHOUT_EDIT = {
    ("LB101", Vendor.HAPROXY),
    ("LB102", Vendor.HAPROXY),
    ("LB104", Vendor.HAPROXY),
}
"""what to write instead depends on why the statement is there"""


def fixes(found: tuple[Finding, ...], rule: Rule) -> list[Fix]:
    return [each.fix for each in found if each.code == rule.code and each.fix is not None]


def mended(text: str, wanted: list[Fix]) -> str:
    edits = sorted((e for fix in wanted for e in fix.edits), key=lambda e: e.start, reverse=True)
    for edit in edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_the_edited_example_is_healed_and_accepted(
    rule: Rule, example: Example, tmp_path: pathlib.Path
) -> None:
    bad = MARK.sub("", example.bad)
    wanted = fixes(findings(bad, example, tmp_path), rule)
    assert bool(wanted) is ((rule.code, example.vendor) not in WITHOUT_EDIT)
    text = mended(bad, wanted)
    if not wanted:
        return
    assert [
        each.message for each in findings(text, example, tmp_path) if each.code == rule.code
    ] == []
    proxies = binaries.nginx() if example.vendor is Vendor.NGINX else binaries.haproxy()
    assert [proxy.refusal(text, tmp_path) for proxy in proxies] == [None] * len(proxies)


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.code)
def test_a_rule_is_called_safely_fixable_only_if_its_edits_are(
    rule: Rule, tmp_path: pathlib.Path
) -> None:
    found = [fix for e in rule.examples for fix in fixes(findings(e.bad, e, tmp_path), rule)]
    assert found
    assert rule.fixable == "unsafe" or all(fix.safe for fix in found)
