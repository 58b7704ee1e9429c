"""The edits of the rules on health and draining mend the fault, and real proxies accept them."""

import pathlib

import pytest

from lbcheck.finding import Finding
from lbcheck.model import Vendor
from lbcheck.rule import Example, Rule
from lbcheck.rules import ALL
from lbcheck.run import Options, run
from tests import binaries

NAMES = {Vendor.NGINX: "site.conf", Vendor.HAPROXY: "haproxy.cfg"}
CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{example.vendor.value}-{number}")
    for rule in ALL
    if rule.fixable != "no" and rule.code[2] in "245"
    for number, example in enumerate(rule.examples)
    if example.vendor in NAMES
]

WITHOUT_EDIT = {
    ("LB204", Vendor.HAPROXY, 0),
    ("LB205", Vendor.HAPROXY, 1),
    ("LB207", Vendor.HAPROXY, 0),
    ("LB210", Vendor.HAPROXY, 0),
    ("LB214", Vendor.NGINX, 0),
    ("LB218", Vendor.HAPROXY, 0),
    ("LB409", Vendor.HAPROXY, 1),
    ("LB410", Vendor.HAPROXY, 1),
    ("LB413", Vendor.NGINX, 0),
    ("LB501", Vendor.HAPROXY, 1),
    ("LB501", Vendor.NGINX, 0),
}
"""a parameter among others, a choice, a place that a span does not tell, or AWS alone has a fix"""


def found(rule: Rule, example: Example, text: str, folder: pathlib.Path) -> list[Finding]:
    path = folder / NAMES[example.vendor]
    path.write_text(text)
    profile = example.profile
    if "\n" in profile:
        (folder / "profile.yaml").write_text(profile)
        profile = str(folder / "profile.yaml")
    report = run([str(path)], Options(profiles=(profile,), today="2026-11-23"))
    return [each for each in report.findings if each.code == rule.code]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_an_offered_edit_mends_the_example(
    rule: Rule, example: Example, tmp_path: pathlib.Path
) -> None:
    text = example.bad
    (finding,) = found(rule, example, text, tmp_path)
    if (rule.code, example.vendor, rule.examples.index(example)) in WITHOUT_EDIT:
        assert finding.fix is None
        return
    assert finding.fix is not None
    for edit in sorted(finding.fix.edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    assert text != example.bad
    assert found(rule, example, text, tmp_path) == []
    proxies = binaries.nginx() if example.vendor is Vendor.NGINX else binaries.haproxy()
    for proxy in proxies:
        assert proxy.refusal(text, tmp_path) is None
