"""The limiter and the plan: no call is lost to throttling, and none is made that was not said."""

from __future__ import annotations

import pytest

from lbcheck.model import Declared, Level
from lbcheck.sources import aws_fetch, aws_session
from lbcheck.sources.aws_rate import Bucket, Rate
from lbcheck.sources.aws_request import Request, Scope
from tests.aws.conftest import REGION, Cloud
from tests.aws.gate import Gate, open_gate


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


class Count:
    """Counts what was planned and what was done."""

    def __init__(self) -> None:
        self.planned = self.made = 0

    def expect(self, calls: int) -> None:
        self.planned += calls

    def done(self) -> None:
        self.made += 1


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    clock = Clock()
    bucket = Bucket(Rate(3, 10.0), clock, clock.sleep)
    for _ in range(6):
        bucket.take()
    assert clock.slept == [0.1, 0.1, 0.1]


def test_a_bucket_fills_up_to_its_burst_and_no_further() -> None:
    clock = Clock()
    bucket = Bucket(Rate(2, 10.0), clock, clock.sleep)
    bucket.take()
    clock.now = 60.0
    for _ in range(3):
        bucket.take()
    assert clock.slept == [0.1]


def test_a_bucket_knows_how_long_calls_will_wait() -> None:
    clock = Clock()
    bucket = Bucket(Rate(40, 10.0), clock, clock.sleep)
    assert (bucket.seconds_for(40), bucket.seconds_for(440)) == (0.0, 40.0)


def fleet(cloud: Cloud, balancers: int) -> None:
    """Every third load balancer carries WebSockets; each has a listener with one rule."""
    for number in range(balancers):
        pages = cloud.group(f"pages-{number}", targets=("10.0.0.9",))
        listener = cloud.listener(cloud.balancer(f"lb-{number}"), pages)
        if number % 3 == 0:
            sockets = cloud.group(f"chat-ws-{number}", targets=("10.0.0.1",))
            cloud.rule(listener, sockets, "/ws/*")


LIKELY = Scope(Declared(), Level.LIKELY)


def test_every_call_was_planned_and_every_planned_call_is_made(cloud: Cloud) -> None:
    fleet(cloud, 4)
    gate, count = Gate(), Count()
    with open_gate(gate) as url:
        aws_fetch.fetch(Request(region=REGION, endpoint_url=url, progress=count))
    assert gate.asked == {
        "DescribeLoadBalancers": 1,
        "DescribeTargetGroups": 1,
        "DescribeTags": 1,
        "DescribeListeners": 4,
        "DescribeRules": 4,
        "DescribeLoadBalancerAttributes": 4,
        "DescribeTargetGroupAttributes": 6,
        "DescribeTargetHealth": 6,
        "ecs ListClusters": 1,
        "classic DescribeLoadBalancers": 1,
    }
    # The first call finds out whether anybody answers; every other one is planned.
    assert count.planned == count.made == gate.asked.total() - 1


def test_only_what_websocket_routes_reach_is_read(cloud: Cloud) -> None:
    fleet(cloud, 4)
    gate = Gate()
    with open_gate(gate) as url:
        snapshot = aws_fetch.fetch(Request(region=REGION, endpoint_url=url, scope=LIKELY))
    names = {
        group.target_group_arn: group.target_group_name
        for group in snapshot.document.target_groups or ()
    }
    read = snapshot.document.target_health or {}
    assert sorted(names[arn] or "" for arn in read) == ["chat-ws-0", "chat-ws-3"]
    assert gate.asked["DescribeLoadBalancerAttributes"] == 2


def test_nothing_is_lost_where_the_api_throttles(cloud: Cloud) -> None:
    fleet(cloud, 12)
    gate = Gate(burst=10, per_s=40.0)
    with open_gate(gate) as url:
        snapshot = aws_fetch.fetch(Request(region=REGION, endpoint_url=url, rate=Rate(10, 40.0)))
    document = snapshot.document
    assert document.errors == []
    assert [len(section or ()) for section in (
        document.listeners, document.rules, document.load_balancer_attributes,
        document.target_group_attributes, document.target_health,
    )] == [12, 12, 12, 16, 16]  # fmt: skip


def test_calls_that_are_throttled_to_death_are_said(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(cloud, 1)
    monkeypatch.setattr(aws_session, "ATTEMPTS", 2)
    gate = Gate(burst=9, per_s=0.001)  # one call too few
    with open_gate(gate) as url:
        source = aws_fetch.ask(Request(region=REGION, endpoint_url=url))
    assert isinstance(source, aws_fetch.Account)
    assert [error["Code"] for error in source.answers["Errors"]] == ["Throttling"]
