"""The list of rules: it says of a rule, before that is imported, what the rule says itself."""

import subprocess
import sys

import pytest

from lbcheck import rules
from lbcheck.model import Topology, Vendor
from lbcheck.rule import Rule


def test_the_list_says_what_the_rules_say() -> None:
    told = [
        (rule.code, rule.name.replace("-", "_"), " ".join(vendor.value for vendor in rule.vendors))
        for rule in rules.ALL
    ]
    assert [(code, module, vendors) for code, module, vendors in rules._RULES] == told


def test_rules_are_found_by_the_vendors_they_speak_of() -> None:
    def speaking(*vendors: str) -> list[str]:
        return [rule.code for rule in rules.speaking_of(vendors)]

    assert speaking() == speaking("unknown") == []
    for vendor in ("nginx", "haproxy", "aws"):
        expected = [r.code for r in rules.ALL if vendor in {v.value for v in r.vendors}]
        assert speaking(vendor) == expected
    assert speaking("nginx", "haproxy", "aws") == [
        rule.code for rule in rules.ALL if not rule.code.startswith(("LB7", "LB9"))
    ]


def test_only_rules_about_everything_are_of_use_where_nothing_may_carry_websockets() -> None:
    about_everything = [rule.code for rule in rules.ALL if rule.subject is Topology]
    found = [rule.code for rule in rules.speaking_of(["nginx", "haproxy", "aws"], [])]
    assert found == about_everything
    assert [r.code for r in rules.speaking_of(["nginx", "aws"], ["aws"])] == [
        rule.code
        for rule in rules.ALL
        if Vendor.AWS in rule.vendors or rule.code in about_everything
    ]


def test_a_rule_is_imported_when_it_is_asked_for() -> None:
    script = (
        "import sys; from lbcheck.rules import BY_CODE; 'LB301' in BY_CODE, list(BY_CODE)\n"
        "def loaded(): return [n for n in sys.modules if n.startswith('lbcheck.rules.')]\n"
        "print(loaded()); BY_CODE['LB902']; print(loaded())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "['lbcheck.rules.rule_crashed']"]


def test_a_code_that_no_rule_has_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        rules.BY_CODE["LB000"]
    assert "LB000" not in rules.BY_CODE
    assert all(isinstance(rule, Rule) for rule in rules.BY_CODE.values())
    with pytest.raises(AttributeError):
        getattr(rules, "NO" + "NE")
