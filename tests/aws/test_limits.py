"""What AWS would refuse is told for code, on the line and in the words of the code."""

import pathlib

import pytest

from lbcheck.run import Options, run
from lbcheck.sources.aws_limits import _BALANCER, _GROUP, _LISTENER
from tests.readers.terraform_text import CHAIN

ALGORITHM = "load_balancing_algorithm_type"


def refused(folder: pathlib.Path, text: str) -> list[tuple[int, str]]:
    """Line and message of each LB508; `~` stands for "is refused"."""
    (folder / "main.tf").write_text(text)
    findings = run([str(folder)], Options(today="2026-11-23")).findings
    return [
        (each.location.line or 0, each.message.replace(" is refused: ", "~"))
        for each in findings
        if each.code == "LB508"
    ]


def group(*lines: str, protocol: str = "HTTP") -> str:
    body = "\n".join(f"  {line}" for line in lines)
    return f'resource "aws_lb_target_group" "a" {{\n  protocol = "{protocol}"\n{body}\n}}\n'


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        (
            "deregistration_delay = 3601",
            "`deregistration_delay` 3601~AWS takes 0 to 3600",
        ),
        (
            'deregistration_delay = "-1"',
            "`deregistration_delay` -1~AWS takes 0 to 3600",
        ),
        ("slow_start = 10", "`slow_start` 10~AWS takes 30 to 900 or `0`"),
        ("slow_start = 901", "`slow_start` 901~AWS takes 30 to 900 or `0`"),
        (
            'load_balancing_algorithm_type = "least_connections"',
            "`load_balancing_algorithm_type` least_connections~AWS takes `round_robin`, "
            "`least_outstanding_requests` or `weighted_random`",
        ),
        (
            'load_balancing_anomaly_mitigation = "on"',
            "`load_balancing_anomaly_mitigation` on~only `weighted_random` has it",
        ),
    ],
)
def test_an_argument_of_a_group(tmp_path: pathlib.Path, argument: str, reason: str) -> None:
    assert refused(tmp_path, group(argument)) == [(3, reason)]


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("interval = 4", "`health_check.interval` 4~AWS takes 5 to 300"),
        ("interval = 301", "`health_check.interval` 301~AWS takes 5 to 300"),
        ("timeout = 1", "`health_check.timeout` 1~AWS takes 2 to 120"),
        (
            "healthy_threshold = 1",
            "`health_check.healthy_threshold` 1~AWS takes 2 to 10",
        ),
        (
            "unhealthy_threshold = 11",
            "`health_check.unhealthy_threshold` 11~AWS takes 2 to 10",
        ),
        (
            'protocol = "TCP"',
            "`health_check.protocol` TCP~a group for HTTP is checked over HTTP or HTTPS",
        ),
    ],
)
def test_an_argument_of_a_check(tmp_path: pathlib.Path, argument: str, reason: str) -> None:
    assert refused(tmp_path, group("health_check {", argument, "}")) == [(4, reason)]


@pytest.mark.parametrize(
    ("protocol", "kind", "message"),
    [
        ("TCP", "lb_cookie", "a group for TCP takes `source_ip` only"),
        ("TLS", "app_cookie", "a group for TLS takes `source_ip` only"),
        ("HTTP", "source_ip", "a group for HTTP takes `lb_cookie` or `app_cookie`"),
    ],
)
@pytest.mark.parametrize("enabled", ["true", "false"])
def test_stickiness_of_the_wrong_kind(
    tmp_path: pathlib.Path, protocol: str, kind: str, message: str, enabled: str
) -> None:
    text = group("stickiness {", f'type = "{kind}"', f"enabled = {enabled}", "}", protocol=protocol)
    assert refused(tmp_path, text) == [(4, f"`stickiness.type` {kind}~{message}")]


def test_slow_start_beside_another_algorithm(tmp_path: pathlib.Path) -> None:
    text = group('load_balancing_algorithm_type = "least_outstanding_requests"', "slow_start = 60")
    reason = "slow start and `least_outstanding_requests` exclude each other"
    assert refused(tmp_path, text) == [(4, f"`slow_start` 60~{reason}")]
    assert refused(tmp_path, text.replace("slow_start = 60", "slow_start = 0")) == []


def test_idle_timeouts(tmp_path: pathlib.Path) -> None:
    text = CHAIN.replace('name = "edge"', "idle_timeout = 9000")
    assert refused(tmp_path, text) == [(2, "`idle_timeout` 9000~AWS takes 1 to 4000")]
    text = CHAIN.replace('name = "edge"', 'load_balancer_type = "network"')
    text = text.replace(
        'protocol          = "HTTPS"', 'protocol = "TCP"\n  tcp_idle_timeout_seconds = 30'
    )
    assert refused(tmp_path, text) == [(9, "`tcp_idle_timeout_seconds` 30~AWS takes 60 to 6000")]


@pytest.mark.parametrize(
    "lines",
    [
        ("deregistration_delay = 0",),
        ("deregistration_delay = 3600", "slow_start = 30"),
        ("slow_start = var.slow", 'load_balancing_algorithm_type = "least_outstanding_requests"'),
        ("slow_start = 60", "load_balancing_algorithm_type = var.algorithm"),
        (
            'load_balancing_algorithm_type = "weighted_random"',
            'load_balancing_anomaly_mitigation = "on"',
        ),
        ("load_balancing_algorithm_type = var.x", 'load_balancing_anomaly_mitigation = "on"'),
        ("stickiness {", 'type = "app_cookie"', 'cookie_name = "sid"', "}"),
        ("health_check {", "interval = 5", "timeout = 2", "healthy_threshold = 10", "}"),
        ("deregistration_delay = var.delay",),
    ],
)
def test_what_aws_takes_or_nobody_knows_is_not_refused(
    tmp_path: pathlib.Path, lines: tuple[str, ...]
) -> None:
    assert refused(tmp_path, group(*lines)) == []


def test_a_refused_value_is_told_of_load_balancers_without_websockets_too(
    tmp_path: pathlib.Path,
) -> None:
    text = 'resource "aws_lb" "billing" {\n  idle_timeout = 0\n}\n'
    assert refused(tmp_path, text) == [(2, "`idle_timeout` 0~AWS takes 1 to 4000")]


def test_every_key_with_a_limit_is_a_key_of_the_api() -> None:
    """As botocore documents them."""
    from botocore.session import get_session

    model = get_session().get_service_model("elbv2")
    for shape, keys in (
        ("LoadBalancerAttribute", _BALANCER),
        ("ListenerAttribute", _LISTENER),
        ("TargetGroupAttribute", _GROUP),
    ):
        documented = model.shape_for(shape).members["Key"].documentation
        assert [key for key in keys if key not in documented] == []


TEMPLATE = """\
Resources:
  Edge:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - Key: idle_timeout.seconds
          Value: "60"
        - Key: deregistration_delay.timeout_seconds
          Value: "60"
        - Key: routing.something.new
          Value: "1"
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Protocol: HTTP
      TargetGroupAttributes:
        - Key: slow_start.duration_seconds
          Value: !Ref Slow
        - Key: deregistration_delay.timeout_seconds
          Value: "9999"
"""


def test_an_attribute_that_does_not_exist_and_one_of_another_thing(tmp_path: pathlib.Path) -> None:
    """A key that begins like none that is known may be a new one."""
    (tmp_path / "edge.yaml").write_text(TEMPLATE)
    findings = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [(each.location.line, each.message) for each in findings if each.code == "LB508"] == [
        (
            6,
            "`idle_timeout.seconds` is refused: a load balancer has no such attribute; did you "
            "mean `idle_timeout.timeout_seconds`?",
        ),
        (
            8,
            "`deregistration_delay.timeout_seconds` is refused: a load balancer has no such "
            "attribute; a target group has it",
        ),
        (19, "`deregistration_delay.timeout_seconds` 9999 is refused: AWS takes 0 to 3600"),
    ]


def test_an_annotation_is_judged_alike(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ingress.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: edge\n"
        "  annotations:\n    alb.ingress.kubernetes.io/load-balancer-attributes: "
        "idle_timeout.timeout_seconds=9000\nspec:\n  ingressClassName: alb\n  rules:\n"
        "    - http:\n        paths:\n          - path: /a\n            pathType: Prefix\n"
        "            backend: {service: {name: a, port: {number: 80}}}\n"
    )
    findings = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [(each.code, each.location.line) for each in findings] == [("LB508", 6)]


def test_a_key_without_its_dot_is_none(tmp_path: pathlib.Path) -> None:
    text = TEMPLATE.replace("idle_timeout.seconds", "idle_timeout_seconds")
    assert text != TEMPLATE
    (tmp_path / "edge.yaml").write_text(text)
    findings = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [each.message for each in findings if each.location.line == 6] == [
        "`idle_timeout_seconds` is refused: a load balancer has no such attribute; did you mean "
        "`idle_timeout.timeout_seconds`?"
    ]
