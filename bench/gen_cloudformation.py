"""Write a healthy CloudFormation template: `gen_cloudformation.py N FILE`, about N resources.

A service is 50 resources: a load balancer with a listener, and 24 target groups for WebSockets,
each behind a rule of its own. Two conditions are read by every service.
"""

from __future__ import annotations

import sys

HEAD = """\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Vpc: {Type: AWS::EC2::VPC::Id}
  Stage: {Type: String, Default: test, AllowedValues: [test, prod]}
  Idle: {Type: Number, Default: 120}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
"""
BALANCER = """\
  Edge{n}:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - Key: idle_timeout.timeout_seconds
          Value: !If [Prod, 300, !Ref Idle]
  Https{n}:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Edge{n}
      Port: 443
      Protocol: HTTPS
      DefaultActions:
        - Type: fixed-response
          FixedResponseConfig: {{StatusCode: '404'}}
"""
GROUP = """\
  Ws{n}x{m}:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      Port: 8080
      Protocol: HTTP
      HealthCheckPath: /healthz
      HealthCheckIntervalSeconds: 10
      HealthCheckTimeoutSeconds: 5
      TargetGroupAttributes:
        - Key: deregistration_delay.timeout_seconds
          Value: '120'
  Rule{n}x{m}:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Https{n}
      Priority: {m}
      Conditions:
        - Field: path-pattern
          PathPatternConfig: {{Values: [/ws/{m}/*]}}
      Actions:
        - Type: forward
          TargetGroupArn: !Ref Ws{n}x{m}
"""


def text(resources: int) -> str:
    """A template of about as many resources (whole services, at least one)."""
    services = max(1, round(resources / 50))
    return HEAD + "".join(
        BALANCER.format(n=n) + "".join(GROUP.format(n=n, m=m) for m in range(1, 25))
        for n in range(services)
    )


def main() -> None:
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(text(int(sys.argv[1])))


if __name__ == "__main__":
    main()
