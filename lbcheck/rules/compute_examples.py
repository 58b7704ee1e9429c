"""Healthy services on ECS tasks and on instances that the rules' examples are cut from."""

from __future__ import annotations

from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import AWS_NLB
from lbcheck.rules.terraform_examples import TERRAFORM

_ECS = "arn:aws:ecs:eu-west-1:111122223333"
_CLUSTER = f"{_ECS}:cluster/main"
_DEFINITION = f"{_ECS}:task-definition/chat:7"
_END = '  "Tags": {}\n}\n'


def _task(number: int, address: str) -> str:
    return f"""\
    {{"taskArn": "{_ECS}:task/main/{number:032x}", "clusterArn": "{_CLUSTER}",
     "group": "service:chat",
     "lastStatus": "RUNNING", "desiredStatus": "RUNNING",
     "containers": [{{"name": "chat",
       "networkInterfaces": [{{"privateIpv4Address": "{address}"}}]}}]}}"""


ON_TASKS = AWS.replace(
    _END,
    f"""\
  "Services": [
    {{"serviceName": "chat", "clusterArn": "{_CLUSTER}",
     "loadBalancers": [
       {{"targetGroupArn": "{GROUP}",
        "containerName": "chat", "containerPort": 8080}}
     ],
     "taskDefinition": "{_DEFINITION}", "launchType": "FARGATE",
     "schedulingStrategy": "REPLICA", "desiredCount": 2,
     "healthCheckGracePeriodSeconds": 60,
     "deploymentConfiguration": {{"maximumPercent": 200,
       "minimumHealthyPercent": 100}}}}
  ],
  "TaskDefinitions": [
    {{"taskDefinitionArn": "{_DEFINITION}", "requiresCompatibilities": ["FARGATE"],
     "containerDefinitions": [
       {{"name": "chat",
        "stopTimeout": 90}}
     ]}}
  ],
  "Tasks": [
{_task(1, "10.0.1.11")},
{_task(2, "10.0.2.11")}
  ],
{_END}""",
)


def _on_instances(document: str) -> str:
    changed = document.replace('"TargetType": "ip"', '"TargetType": "instance"')
    for address, name in (("10.0.1.11", "i-0a1"), ("10.0.2.11", "i-0b2")):
        changed = changed.replace(address, name)
    return changed.replace(
        _END,
        f"""\
  "AutoScalingGroups": [
    {{"AutoScalingGroupName": "chat", "TargetGroupARNs": ["{GROUP}"],
     "HealthCheckType": "ELB",
     "Instances": [
       {{"InstanceId": "i-0a1", "LifecycleState": "InService"}},
       {{"InstanceId": "i-0b2", "LifecycleState": "InService"}}
     ]}}
  ],
  "LifecycleHooks": [],
  "Reservations": [
    {{"Instances": [
      {{"InstanceId": "i-0a1", "State": {{"Name": "running"}}}},
      {{"InstanceId": "i-0b2", "State": {{"Name": "running"}}}}
    ]}}
  ],
{_END}""",
    )


ON_INSTANCES = _on_instances(AWS)
ON_KEPT_INSTANCES = _on_instances(
    AWS_NLB.replace(
        'connection_termination.enabled", "Value": "true"',
        'connection_termination.enabled", "Value": "false"',
    )
)
"""behind a Network Load Balancer that keeps the sockets of a deregistered target"""

CLOUDFORMATION = """\
Resources:
  Edge:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Type: application
      LoadBalancerAttributes:
        - Key: idle_timeout.timeout_seconds
          Value: "120"
  Https:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Edge
      Port: 443
      Protocol: HTTPS
      DefaultActions:
        - Type: forward
          TargetGroupArn: !Ref ChatWebsocket
  ChatWebsocket:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Protocol: HTTP
      Port: 8080
      TargetType: ip
      HealthCheckPath: /healthz
      HealthCheckIntervalSeconds: 10
      HealthCheckTimeoutSeconds: 5
      TargetGroupAttributes:
        - Key: deregistration_delay.timeout_seconds
          Value: "120"
  Tasks:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: chat
          Image: example/chat:4
          StopTimeout: 90
  Chat:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      DesiredCount: 1
      TaskDefinition: !Ref Tasks
      HealthCheckGracePeriodSeconds: 60
      DeploymentConfiguration:
        MinimumHealthyPercent: 100
        MaximumPercent: 200
      LoadBalancers:
        - ContainerName: chat
          ContainerPort: 8080
          TargetGroupArn: !Ref ChatWebsocket
"""

ON_TERRAFORM = (
    TERRAFORM
    + """
resource "aws_ecs_task_definition" "chat" {
  family                   = "chat"
  requires_compatibilities = ["FARGATE"]

  container_definitions = jsonencode([
    {
      name        = "chat"
      image       = "example/chat:4"
      stopTimeout = 90
    }
  ])
}

resource "aws_ecs_service" "chat" {
  name                              = "chat"
  launch_type                       = "FARGATE"
  task_definition                   = aws_ecs_task_definition.chat.arn
  desired_count                     = 2
  health_check_grace_period_seconds = 60

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  load_balancer {
    target_group_arn = aws_lb_target_group.ws.arn
    container_name   = "chat"
    container_port   = 8080
  }
}
"""
)
