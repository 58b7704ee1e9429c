"""Plans and states of Terraform: values in force, references out of the configuration."""

import json
import pathlib
from typing import Any

import pytest

from lbcheck.model import Status
from lbcheck.run import Options, run

CHECK = {
    "enabled": True, "healthy_threshold": 3, "interval": 60, "matcher": "200-499",
    "path": "/healthz", "port": "traffic-port", "protocol": "HTTP", "timeout": 5,
    "unhealthy_threshold": 3,
}  # fmt: skip


def resource(kind: str, values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    return {
        "address": f"{prefix}{kind}.ws", "mode": "managed", "type": kind, "name": "ws",
        "values": values,
    }  # fmt: skip


def plan(prefix: str = "") -> dict[str, Any]:
    """A load balancer, a listener and a group that are to be made."""
    resources = [
        resource("aws_lb", {"name": "edge", "idle_timeout": 60}, prefix),
        resource(
            "aws_lb_listener",
            {"port": 443, "protocol": "HTTPS", "default_action": [{"type": "forward"}]},
            prefix,
        ),
        resource(
            "aws_lb_target_group",
            {
                "name": "chat-ws", "port": 80, "protocol": "HTTP", "protocol_version": "HTTP2",
                "deregistration_delay": "300", "slow_start": 0, "health_check": [CHECK],
                "stickiness": [], "target_type": "instance",
            },
            prefix,
        ),
    ]  # fmt: skip
    changes = [
        {
            "address": f"{prefix}aws_lb_listener.ws",
            "change": {
                "after_unknown": {
                    "load_balancer_arn": True, "default_action": [{"target_group_arn": True}],
                }
            },
        }
    ]  # fmt: skip
    configuration = {
        "resources": [
            {"address": "aws_lb.ws", "expressions": {"name": {"constant_value": "edge"}}},
            {
                "address": "aws_lb_listener.ws",
                "expressions": {
                    "load_balancer_arn": {"references": ["aws_lb.ws.arn", "aws_lb.ws"]},
                    "default_action": [
                        {
                            "type": {"constant_value": "forward"},
                            "target_group_arn": {
                                "references": [
                                    "aws_lb_target_group.ws.arn",
                                    "aws_lb_target_group.ws",
                                ]
                            },
                        }
                    ],
                },
            },
            {
                "address": "aws_lb_target_group.ws",
                "expressions": {
                    "protocol_version": {"constant_value": "HTTP2"},
                    "health_check": [
                        {
                            "interval": {"constant_value": 60},
                            "matcher": {"constant_value": "200-499"},
                        }
                    ],
                },
            },
        ]
    }
    root: dict[str, Any] = {"resources": resources}
    if prefix:
        root = {"child_modules": [{"address": prefix[:-1], "resources": resources}]}
        configuration = {"module_calls": {"edge": {"module": configuration}}}
    return {
        "format_version": "1.2", "terraform_version": "1.9.5",
        "planned_values": {"root_module": root},
        "resource_changes": changes,
        "configuration": {"root_module": configuration},
    }  # fmt: skip


def told(folder: pathlib.Path, document: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and line (without blanks) of each finding."""
    path = folder / "plan.json"
    path.write_text(json.dumps(document, indent=1))
    report = run([str(folder)], Options(today="2026-11-23"))
    assert [source.status for source in report.sources] == [Status.READ]
    lines = path.read_text().splitlines()
    return [(f.code, lines[(f.location.line or 0) - 1].strip(" ,")) for f in report.findings]


@pytest.mark.parametrize("prefix", ["", "module.edge."])
def test_values_are_judged_where_they_stand_in_the_plan(
    tmp_path: pathlib.Path, prefix: str
) -> None:
    assert told(tmp_path, plan(prefix)) == [
        ("LB302", f'"address": "{prefix}aws_lb.ws"'),
        ("LB104", '"protocol_version": "HTTP2"'),
        ("LB210", '"interval": 60'),
        ("LB207", '"matcher": "200-499"'),
    ]


def test_the_route_follows_the_references_of_the_configuration(tmp_path: pathlib.Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan()))
    options = Options(params={}, today="2026-11-23")
    found = run([str(tmp_path)], options).findings
    assert {each.address for each in found if each.code == "LB104"} == {
        "aws/edge/443/rule[default]"
    }


def test_arns_that_are_known_join_as_well(tmp_path: pathlib.Path) -> None:
    document = plan()
    lb, listener, group = document["planned_values"]["root_module"]["resources"]
    lb["values"]["arn"], group["values"]["arn"] = "arn:lb", "arn:tg"
    listener["values"]["load_balancer_arn"] = "arn:lb"
    listener["values"]["default_action"][0]["target_group_arn"] = "arn:tg"
    del document["resource_changes"], document["configuration"]
    (tmp_path / "plan.json").write_text(json.dumps(document))
    found = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert {each.address for each in found if each.code == "LB104"} == {
        "aws/edge/443/rule[default]"
    }


def test_what_is_known_after_the_apply_is_no_default(tmp_path: pathlib.Path) -> None:
    document = plan()
    lb = document["planned_values"]["root_module"]["resources"][0]
    del lb["values"]["idle_timeout"]
    document["resource_changes"].append(
        {"address": "aws_lb.ws", "change": {"after_unknown": {"idle_timeout": True}}}
    )
    expressions = document["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["idle_timeout"] = {"references": ["data.external.idle"]}
    assert "LB302" not in dict(told(tmp_path, document))


def test_a_default_that_somebody_wrote_is_not_left_at_its_default(tmp_path: pathlib.Path) -> None:
    document = plan()
    expressions = document["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["idle_timeout"] = {"constant_value": 60}
    assert "LB302" not in dict(told(tmp_path, document))


def test_a_check_that_the_configuration_has_not_is_that_of_aws(tmp_path: pathlib.Path) -> None:
    document = plan()
    group = document["planned_values"]["root_module"]["resources"][2]
    del group["values"]["health_check"]
    del document["configuration"]["root_module"]["resources"][2]["expressions"]["health_check"]
    document["resource_changes"].append(
        {"address": "aws_lb_target_group.ws", "change": {"after_unknown": {"health_check": True}}}
    )
    assert ("LB218", '"address": "aws_lb_target_group.ws"') in told(tmp_path, document)


def test_a_state_is_read_like_a_plan(tmp_path: pathlib.Path) -> None:
    document = plan()
    document["values"] = document.pop("planned_values")
    del document["resource_changes"], document["configuration"]
    assert ("LB104", '"protocol_version": "HTTP2"') in told(tmp_path, document)


HEAD = '{"format_version": "1.0", "terraform_version": "1", '
BODY = HEAD + '"planned_values": {"root_module": {"resources": '


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD.replace("1.0", "2.0") + '"x": 1}',
            "has the format version `2.0`; this lbcheck reads 0.1 to 1.x",
        ),
        (HEAD, "is not JSON: Input data was truncated"),
        (
            BODY + '[{"mode": "managed", "type": "aws_lb"}]}}}',
            "is no plan that lbcheck understands (KeyError)",
        ),
        (BODY + "5}}}", "is no plan that lbcheck understands (TypeError)"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: pathlib.Path, text: str, message: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    report = run([str(tmp_path / "plan.json")], Options(today="2026-11-23"))
    assert [trouble.message for trouble in report.sources[0].troubles] == [message]
    assert (report.complete, report.sources[0].kind) == (False, "terraform-plan")


def test_an_empty_plan_is_clean(tmp_path: pathlib.Path) -> None:
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9",
        "planned_values": {"root_module": {}},
    }
    assert told(tmp_path, document) == []


def test_a_plan_without_its_changes_leads_where_the_configuration_does(
    tmp_path: pathlib.Path,
) -> None:
    whole = plan()
    cut = {key: value for key, value in whole.items() if key != "resource_changes"}
    assert told(tmp_path, cut) == told(tmp_path, whole)
    assert "LB104" in [code for code, _ in told(tmp_path, cut)]
