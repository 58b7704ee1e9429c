"""Classic load balancers, asked over real HTTP and read from a saved state."""

from __future__ import annotations

from typing import Any

import boto3

from lbcheck.model import Declared, Level, State
from lbcheck.sources import aws, aws_fetch
from lbcheck.sources.aws_request import Request, Scope
from tests.aws.answers import read
from tests.aws.conftest import REGION, Cloud
from tests.aws.gate import Gate, open_gate


def classic(cloud: Cloud, name: str, protocol: str = "TCP") -> None:
    elb = boto3.client("elb", region_name=REGION, endpoint_url=cloud.endpoint)
    elb.create_load_balancer(
        LoadBalancerName=name,
        Listeners=[{"Protocol": protocol, "LoadBalancerPort": 80, "InstancePort": 3000}],
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{"Key": "team", "Value": "edge"}],
    )
    elb.modify_load_balancer_attributes(
        LoadBalancerName=name,
        LoadBalancerAttributes={
            "ConnectionSettings": {"IdleTimeout": 300},
            "ConnectionDraining": {"Enabled": True, "Timeout": 90},
        },
    )


def ask(url: str, **more: Any) -> Any:
    return aws_fetch.fetch(Request(region=REGION, endpoint_url=url, **more))


def test_idle_timeout_and_draining_are_read(cloud: Cloud) -> None:
    classic(cloud, "socketio")
    topology = aws.read([ask(cloud.endpoint)], Declared())
    [route], [pool] = topology.routes, topology.pools
    assert route.idle is not None
    assert pool.drain_time is not None
    assert (route.idle.name, route.idle.value) == ("ConnectionSettings.IdleTimeout", 300.0)
    assert (pool.drain_time.name, pool.drain_time.value) == ("ConnectionDraining.Timeout", 90.0)
    assert [source.troubles for source in topology.sources] == [[]]


def test_only_those_with_a_sign_of_websockets_are_asked_further(cloud: Cloud) -> None:
    classic(cloud, "pages")
    classic(cloud, "socketio")
    gate = Gate()
    with open_gate(gate) as url:
        snapshot = ask(url, scope=Scope(Declared(), Level.LIKELY))
    assert list(snapshot.document.classic_attributes or ()) == ["socketio"]
    assert gate.asked["classic DescribeInstanceHealth"] == 1


def test_they_are_chosen_by_name_and_tag(cloud: Cloud) -> None:
    classic(cloud, "one")
    classic(cloud, "two")
    by_tag = ask(cloud.endpoint, tags={"team": "edge"}).document
    nobody = ask(cloud.endpoint, tags={"team": "other"}).document
    assert [b.load_balancer_name for b in by_tag.load_balancer_descriptions] == ["one", "two"]
    assert nobody.load_balancer_descriptions is None


STATE = {
    "LoadBalancerDescriptions": [
        {
            "LoadBalancerName": "socketio-edge",
            "ListenerDescriptions": [
                {"Listener": {"LoadBalancerPort": 80, "Protocol": "TCP", "InstancePort": 3000}}
            ],
        }
    ],
    "ClassicAttributes": {"socketio-edge": {"ConnectionDraining": {"Enabled": False}}},
    "InstanceStates": {
        "socketio-edge": [
            {"InstanceId": "i-1", "State": "InService", "ReasonCode": "N/A"},
            {
                "InstanceId": "i-2",
                "State": "OutOfService",
                "ReasonCode": "Instance",
                "Description": "Instance has failed at least 2 health checks.",
            },
        ]
    },
}


def test_instances_and_missing_draining_are_judged() -> None:
    [pool] = read(STATE).pools
    assert [(t.name, t.state, t.reason) for t in pool.targets] == [
        ("i-1", State.HEALTHY, ""),
        ("i-2", State.UNHEALTHY, "Instance: Instance has failed at least 2 health checks."),
    ]
    assert pool.drain_time is not None
    assert (pool.drain_time.name, pool.drain_time.value) == ("ConnectionDraining.Enabled", 0.0)
