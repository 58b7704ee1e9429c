"""Templates of stacks → findings: the exact line, in the words of CloudFormation."""

from __future__ import annotations

import json
import pathlib

import pytest

from lbcheck.audit import Report
from lbcheck.run import Options, run

PING = {"heartbeat.sender": "server", "heartbeat.interval_s": "25"}


def audit(folder: pathlib.Path, text: str, name: str = "template.yaml") -> Report:
    (folder / name).write_text(text)
    return run([str(folder / name)], Options(params=PING, today="2026-11-23"))


def told(report: Report) -> list[tuple[str, str]]:
    """Code and source line of every finding."""
    return [(f.code, f.location.source.line(f.location.line or 1).strip()) for f in report.findings]


STACK = """\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Vpc: {Type: AWS::EC2::VPC::Id}
  Idle: {Type: Number, Default: 300}
Resources:
  Edge:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - Key: idle_timeout.timeout_seconds
          Value: !Ref Idle
  Web:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Edge
      Port: 80
      Protocol: HTTP
      DefaultActions:
        - Type: fixed-response
          FixedResponseConfig: {StatusCode: '404'}
  Sockets:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Web
      Priority: 10
      Conditions:
        - Field: path-pattern
          PathPatternConfig: {Values: [/ws/*]}
      Actions:
        - Type: forward
          TargetGroupArn: !Ref Chat
  Chat:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      Port: 8080
      Protocol: HTTP
      HealthCheckPath: /healthz
      HealthCheckIntervalSeconds: 10
      TargetGroupAttributes:
        - Key: deregistration_delay.timeout_seconds
          Value: '120'
"""


def changed(before: str, after: str) -> str:
    assert STACK.count(before) == 1
    return STACK.replace(before, after)


def test_a_good_stack_is_silent(tmp_path: pathlib.Path) -> None:
    report = audit(tmp_path, STACK)
    assert told(report) == []
    assert report.exit_code == 0
    assert report.unjudged == 0


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        (
            "Default: 300",
            "Default: 20",
            ("LB301", "- Key: idle_timeout.timeout_seconds"),
        ),
        (
            "Protocol: HTTP\n      HealthCheckPath",
            "Protocol: HTTP\n      ProtocolVersion: HTTP2\n      HealthCheckPath",
            ("LB104", "ProtocolVersion: HTTP2"),
        ),
        (
            "HealthCheckIntervalSeconds: 10\n",
            "HealthCheckIntervalSeconds: 10\n      Matcher: {HttpCode: 200-499}\n",
            ("LB207", "Matcher: {HttpCode: 200-499}"),
        ),
        (
            "HealthCheckPath: /healthz",
            "HealthCheckPath: /ws/chat",
            ("LB205", "HealthCheckPath: /ws/chat"),
        ),
        ("'120'", "'0'", ("LB412", "- Key: deregistration_delay.timeout_seconds")),
        (
            "Port: 8080\n      Protocol: HTTP\n",
            "TargetType: lambda\n",
            ("LB117", "TargetType: lambda"),
        ),
        (
            "HealthCheckIntervalSeconds: 10",
            "HealthCheckEnabled: false",
            ("LB201", "HealthCheckEnabled: false"),
        ),
    ],
)
def test_a_fault_is_told_at_its_line(
    tmp_path: pathlib.Path, before: str, after: str, finding: tuple[str, str]
) -> None:
    assert finding in told(audit(tmp_path, changed(before, after)))


def test_a_parameter_without_a_default_is_unknown_and_silent(tmp_path: pathlib.Path) -> None:
    assert told(audit(tmp_path, changed("{Type: Number, Default: 300}", "{Type: Number}"))) == []


def test_an_attribute_behind_a_condition_is_judged_both_ways(tmp_path: pathlib.Path) -> None:
    text = changed("Value: !Ref Idle", "Value: !If [Prod, 300, 10]").replace(
        "Resources:", "Conditions: {Prod: !Equals [!Ref Idle, 1]}\nResources:"
    )
    assert ("LB301", "- Key: idle_timeout.timeout_seconds") in told(audit(tmp_path, text))


def test_a_rule_on_a_listener_of_another_stack_is_judged(tmp_path: pathlib.Path) -> None:
    text = changed("ListenerArn: !Ref Web", "ListenerArn: !ImportValue edge-web")
    text = text.replace(
        "      HealthCheckPath", "      ProtocolVersion: GRPC\n      HealthCheckPath"
    )
    assert ("LB104", "ProtocolVersion: GRPC") in told(audit(tmp_path, text))


def test_a_group_alone_is_judged_by_its_name(tmp_path: pathlib.Path) -> None:
    group = STACK[STACK.index("  Chat:") :].replace("Chat", "ChatWebsocket")
    text = "Resources:\n" + group.replace("HealthCheckPath: /healthz", "HealthCheckPath: /ws")
    assert ("LB205", "HealthCheckPath: /ws") in told(audit(tmp_path, text))


def test_a_json_template_is_read_alike(tmp_path: pathlib.Path) -> None:
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: {suffix: node.value})
    document = yaml.load(changed("Default: 300", "Default: 20"), Loader)
    report = audit(tmp_path, json.dumps(document, indent=2), "stack.template.json")
    assert ("LB301", '"Key": "idle_timeout.timeout_seconds",') in told(report)


def test_a_classic_load_balancer_is_judged(tmp_path: pathlib.Path) -> None:
    text = """\
Resources:
  SocketioEdge:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties:
      Listeners:
        - LoadBalancerPort: '443'
          InstancePort: '3000'
          Protocol: HTTPS
        - LoadBalancerPort: '8443'
          InstancePort: '3000'
          Protocol: SSL
      HealthCheck: {Target: 'TCP:3000', Interval: '10', Timeout: '5', HealthyThreshold: '2',
        UnhealthyThreshold: '2'}
      ConnectionSettings: {IdleTimeout: 20}
      ConnectionDrainingPolicy: {Enabled: false}
"""
    found = told(audit(tmp_path, text))
    assert ("LB117", "Protocol: HTTPS") in found
    assert ("LB301", "ConnectionSettings: {IdleTimeout: 20}") in found
    assert ("LB412", "ConnectionDrainingPolicy: {Enabled: false}") in found


def test_an_unfolded_loop_makes_the_result_incomplete(tmp_path: pathlib.Path) -> None:
    text = STACK + "  Fn::ForEach::Groups: [Name, [a, b], {}]\n"
    report = audit(tmp_path, text)
    [finding] = report.findings
    assert (finding.code, finding.location.line) == ("LB901", STACK.count("\n") + 1)
    assert report.exit_code == 3


def test_a_template_that_does_not_parse_is_told_with_its_line(tmp_path: pathlib.Path) -> None:
    report = audit(tmp_path, STACK + "  Broken: [\n")
    assert [(f.code, f.location.line) for f in report.findings] == [
        ("LB901", STACK.count("\n") + 2)
    ]
    assert report.exit_code == 3


def test_an_ignore_in_the_template_is_obeyed(tmp_path: pathlib.Path) -> None:
    text = changed(
        "        - Key: idle_timeout.timeout_seconds\n",
        '        # lbcheck: ignore[LB301] reason="tested"\n'
        "        - Key: idle_timeout.timeout_seconds\n",
    ).replace("Default: 300", "Default: 20")
    report = audit(tmp_path, text)
    assert (told(report), len(report.suppressed)) == ([], 1)


def test_other_yaml_in_a_folder_is_passed_over_in_silence(tmp_path: pathlib.Path) -> None:
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    (tmp_path / "bucket.yaml").write_text("Resources:\n  B: {Type: AWS::S3::Bucket}\n")
    (tmp_path / "stack.yml").write_text(STACK)
    report = run([str(tmp_path)], Options(params=PING, today="2026-11-23"))
    assert [source.kind for source in report.sources] == ["cloudformation"]
    assert report.exit_code == 0


SERVERLESS = """\
service: chat
resources:
  Resources:
    Edge:
      Type: AWS::ElasticLoadBalancingV2::LoadBalancer
      Properties:
        LoadBalancerAttributes:
          - Key: idle_timeout.timeout_seconds
            Value: 20
    Web:
      Type: AWS::ElasticLoadBalancingV2::Listener
      Properties:
        LoadBalancerArn: !Ref Edge
        Port: 443
        Protocol: HTTPS
        DefaultActions: [{Type: forward, TargetGroupArn: !Ref WsGroup}]
    WsGroup:
      Type: AWS::ElasticLoadBalancingV2::TargetGroup
      Properties: {Port: 80, Protocol: HTTP, HealthCheckPath: /up}
"""


@pytest.mark.parametrize(
    ("idle", "expected"),
    [("20", [("LB301", "- Key: idle_timeout.timeout_seconds")]), ("${self:custom.idle}", [])],
)
def test_the_template_within_a_serverless_file(
    tmp_path: pathlib.Path, idle: str, expected: list[tuple[str, str]]
) -> None:
    text = SERVERLESS.replace("Value: 20", f"Value: {idle}")
    assert told(audit(tmp_path, text, "serverless.yml")) == expected
