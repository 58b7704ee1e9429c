"""An answer of one command, saved alone: what it leaves open is said."""

import json
import pathlib

import pytest

from lbcheck.run import Options, run

ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"
FORWARD = {"Type": "forward", "TargetGroupArn": f"{ARN}:targetgroup/chat/1"}
RULES = {
    "Rules": [
        {
            "RuleArn": f"{ARN}:listener-rule/app/edge/1/2/3",
            "Priority": "5",
            "Conditions": [{"Field": "path-pattern", "Values": ["/ws/*"]}],
            "Actions": [FORWARD],
        }
    ]
}
LISTENERS = {
    "Listeners": [
        {
            "ListenerArn": f"{ARN}:listener/app/edge/1/2",
            "LoadBalancerArn": f"{ARN}:loadbalancer/app/edge/1",
            "Port": 443,
            "Protocol": "HTTPS",
            "DefaultActions": [FORWARD],
        }
    ]
}


@pytest.mark.parametrize(
    ("answer", "section"), [(RULES, "Listeners"), (LISTENERS, "LoadBalancers")]
)
def test_rules_and_listeners_alone_are_no_clean_bill(
    tmp_path: pathlib.Path, answer: object, section: str
) -> None:
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    report = run([str(tmp_path / "answer.json")], Options(today="2026-11-23"))
    assert [(found.code, found.message) for found in report.findings] == [
        (
            "LB908",
            f"`{section}` of `edge` is not in the answer; save the answer of `Describe{section}`, "
            "too (`lbcheck snapshot aws` saves all)",
        )
    ]
    assert report.exit_code == 3
