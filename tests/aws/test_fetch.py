"""Asking AWS: real HTTP to moto, refusals, pages, and what a saved answer holds."""

from __future__ import annotations

import json
import os
import pathlib
import stat
from collections.abc import Callable, Iterator
from typing import Any

import botocore.awsrequest
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.session import Session

from lbcheck.errors import SourceError
from lbcheck.model import Declared, Source, State, Topology
from lbcheck.sources import aws, aws_fetch, aws_request, aws_session, aws_snapshot
from lbcheck.sources.aws_session import Call
from tests.aws import shapes
from tests.aws.conftest import REGION, Cloud

NOTHING = Declared()


def ask(cloud: Cloud, **more: Any) -> aws_snapshot.Snapshot:
    return aws_fetch.fetch(aws_request.Request(region=REGION, endpoint_url=cloud.endpoint, **more))


def judge(snapshot: aws_snapshot.Snapshot, declared: Declared = NOTHING) -> Topology:
    return aws.read([snapshot], declared)


def chat(cloud: Cloud) -> tuple[str, str, str]:
    """A load balancer with `/ws/*` on a group of two targets; the default goes to pages."""
    balancer = cloud.balancer("chat")
    pages = cloud.group("pages", targets=("10.0.0.9",))
    sockets = cloud.group("chat-ws", targets=("10.0.0.1", "10.0.0.2"))
    listener = cloud.listener(balancer, pages)
    cloud.rule(listener, sockets, "/ws/*")
    return balancer, listener, sockets


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes calls of one operation fail: operation, HTTP status, code, message."""
    failing: dict[str, tuple[int, str, str]] = {}
    own = Session.create_client

    def create_client(self: Any, *args: Any, **more: Any) -> Any:
        client = own(self, *args, **more)
        for operation, answer in failing.items():
            event = f"before-send.elastic-load-balancing-v2.{operation}"
            client.meta.events.register(event, lambda request, a=answer, **_: refusal(request, *a))
        return client

    monkeypatch.setattr(Session, "create_client", create_client)
    return lambda operation, *answer: failing.__setitem__(operation, answer)


def refusal(request: Any, status: int, code: str, message: str) -> Any:
    class Raw:
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
                f"<Message>{message}</Message></Error></ErrorResponse>"
            ).encode()

    return botocore.awsrequest.AWSResponse(request.url, status, {}, Raw())


def test_draining_and_unhealthy_targets_are_seen_over_http(cloud: Cloud) -> None:
    _, _, sockets = chat(cloud)
    cloud.force(sockets, "10.0.0.1", "draining", "Target.DeregistrationInProgress", "leaving")
    cloud.force(sockets, "10.0.0.2", "unhealthy", "Target.Timeout", "Request timed out")

    topology = judge(ask(cloud))

    pool = next(pool for pool in topology.pools if pool.name == "chat-ws")
    assert [(t.name, t.state, t.reason) for t in pool.targets] == [
        ("10.0.0.1:8080", State.DRAINING, "Target.DeregistrationInProgress: leaving"),
        ("10.0.0.2:8080", State.UNHEALTHY, "Target.Timeout: Request timed out"),
    ]
    assert pool.usable == ()
    assert [source.troubles for source in topology.sources] == [[]]


def test_an_attribute_that_is_not_answered_has_its_documented_default(cloud: Cloud) -> None:
    chat(cloud)
    snapshot = ask(cloud)
    route = next(r for r in judge(snapshot).routes if r.path == "/ws/*")
    assert route.idle is not None
    assert (route.idle.name, route.idle.value, route.idle.origin.value) == (
        "idle_timeout.timeout_seconds",
        60.0,
        "default",
    )


def test_a_changed_attribute_is_set(cloud: Cloud) -> None:
    balancer, _, _ = chat(cloud)
    cloud.elb.modify_load_balancer_attributes(
        LoadBalancerArn=balancer,
        Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "300"}],
    )
    route = next(r for r in judge(ask(cloud)).routes if r.path == "/ws/*")
    assert route.idle is not None
    assert (route.idle.value, route.idle.origin.value) == (300.0, "set")


def test_a_refused_call_is_unknown_and_said_never_a_pass(
    cloud: Cloud, answers: Callable[..., None]
) -> None:
    chat(cloud)
    answers("DescribeTargetHealth", 403, "AccessDenied", "User: u is not authorized")

    topology = judge(ask(cloud))

    pool = next(pool for pool in topology.pools if pool.name == "chat-ws")
    assert (pool.targets, pool.complete) == ((), False)
    assert [(t.message, t.remedy) for t in topology.sources[0].troubles] == [
        (
            "`DescribeTargetHealth` failed for `chat-ws`, `pages` (AccessDenied):"
            " User: u is not authorized",
            "allow `elasticloadbalancing:DescribeTargetHealth` to the role that runs lbcheck",
        )
    ]


def test_nothing_can_be_read_when_the_listing_is_refused(
    cloud: Cloud, answers: Callable[..., None]
) -> None:
    answers("DescribeLoadBalancers", 403, "AccessDenied", "no")
    topology = judge(ask(cloud))
    assert [t.message for t in topology.sources[0].troubles] == [
        "`DescribeLoadBalancers` failed (AccessDenied): no"
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredToken", "the session token has expired: sign in again (ExpiredToken)"),
        (
            "InvalidClientTokenId",
            "AWS does not know these credentials: check the access key (InvalidClientTokenId)",
        ),
        ("OptInRequired", "this region is not enabled for the account (OptInRequired)"),
    ],
)
def test_refused_credentials_are_one_line(
    cloud: Cloud, answers: Callable[..., None], code: str, said: str
) -> None:
    answers("DescribeLoadBalancers", 403, code, "whatever")
    with pytest.raises(SourceError) as caught:
        ask(cloud)
    assert str(caught.value) == f"aws {REGION}: {said}"


def test_a_group_that_vanished_between_two_calls_is_no_trouble(
    cloud: Cloud, answers: Callable[..., None]
) -> None:
    chat(cloud)
    answers("DescribeTargetHealth", 400, "TargetGroupNotFound", "gone")
    topology = judge(ask(cloud))
    assert [source.troubles for source in topology.sources] == [[]]


def test_missing_credentials_are_one_line(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SourceError) as caught:
        ask(cloud)
    expected = "there are no credentials; set AWS_PROFILE or name one with --aws-profile"
    assert str(caught.value) == f"aws {REGION}: {expected}"


def test_a_role_without_credentials_to_assume_it_is_one_line(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    role = aws_request.Role("arn:aws:iam::111122223333:role/audit")
    with pytest.raises(SourceError) as caught:
        aws_fetch.fetch(aws_request.Request(region=REGION, role=role, endpoint_url=endpoint))
    expected = "there are no credentials; set AWS_PROFILE or name one with --aws-profile"
    assert str(caught.value).endswith(f": {expected}")


def test_a_missing_region_is_one_line(endpoint: str) -> None:
    with pytest.raises(SourceError) as caught:
        aws_fetch.fetch(aws_request.Request(endpoint_url=endpoint))
    assert str(caught.value) == "aws: no region: name one with --region"


def test_an_unknown_profile_is_one_line() -> None:
    with pytest.raises(SourceError) as caught:
        aws_fetch.fetch(aws_request.Request(region=REGION, profile="nobody"))
    assert (
        str(caught.value) == f"aws nobody {REGION}: the AWS configuration has no profile 'nobody'"
    )


def test_an_endpoint_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(SourceError) as caught:
        aws_fetch.fetch(aws_request.Request(region=REGION, endpoint_url="http://127.0.0.1:9"))
    assert str(caught.value).startswith(f"aws {REGION}: Could not connect to the endpoint URL")


@pytest.mark.parametrize(
    ("region", "doubt"),
    [("eu-nowhere-9", "; is there a region `eu-nowhere-9`?"), (REGION, ""), ("cn-north-1", "")],
)
def test_a_region_that_nobody_knows_is_doubted(
    region: str, doubt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(self: object, request: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://elb.example/")

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", unreachable)
    monkeypatch.setattr(aws_session, "ATTEMPTS", 1)
    with pytest.raises(SourceError) as caught:
        aws_fetch.fetch(aws_request.Request(region=region))
    unread = 'Could not connect to the endpoint URL: "https://elb.example/"'
    assert str(caught.value) == f"aws {region}: {unread}{doubt}"


def test_an_endpoint_that_is_no_aws_is_one_line(endpoint: str) -> None:
    url = f"{endpoint}/moto-api/"
    with pytest.raises(SourceError) as caught:
        aws_fetch.fetch(aws_request.Request(region=REGION, endpoint_url=url))
    assert str(caught.value) == f"aws {REGION}: {url} does not answer as AWS does"


def test_every_page_is_read(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def listing(arguments: dict[str, Any]) -> Call:
        return Call("describe_load_balancers", "LoadBalancers", arguments, page=2)

    monkeypatch.setattr(aws_fetch, "_listing", listing)
    for number in range(5):
        cloud.balancer(f"lb-{number}")
    names = [b.load_balancer_name for b in ask(cloud).document.load_balancers or ()]
    assert sorted(name or "" for name in names) == [f"lb-{number}" for number in range(5)]


def test_load_balancers_are_chosen_by_name(cloud: Cloud) -> None:
    chat(cloud)
    cloud.listener(cloud.balancer("other"), cloud.group("other"))
    document = ask(cloud, names=("chat",)).document
    assert [b.load_balancer_name for b in document.load_balancers or ()] == ["chat"]
    assert "other" not in [g.target_group_name for g in document.target_groups or ()]


def test_load_balancers_are_chosen_by_tag(cloud: Cloud) -> None:
    cloud.balancer("one", team="edge")
    cloud.balancer("two", team="other")
    document = ask(cloud, tags={"team": "edge", "stage": "test"}).document
    assert [b.load_balancer_name for b in document.load_balancers or ()] == ["one"]


def test_an_unknown_name_is_one_line(cloud: Cloud) -> None:
    with pytest.raises(SourceError) as caught:
        ask(cloud, names=("nobody",))
    assert str(caught.value) == f"aws {REGION}: no load balancer is called nobody"


def test_the_planned_calls_are_said_first(cloud: Cloud) -> None:
    chat(cloud)
    said: list[str] = []
    ask(cloud, say=said.append)
    assert said == [
        f"aws 123456789012 {REGION}: 1 call planned for listeners",
        f"aws 123456789012 {REGION}: 1 call planned for rules",
        f"aws 123456789012 {REGION}: 5 calls planned for what they lead to",
        f"aws 123456789012 {REGION}: 1 call planned for ECS clusters",
    ]


def test_a_saved_snapshot_says_the_same_and_is_for_its_owner_only(
    cloud: Cloud, tmp_path: pathlib.Path
) -> None:
    chat(cloud)
    fetched = ask(cloud)
    path = tmp_path / "state.json"

    aws_snapshot.save(fetched, str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["state.json"]
    loaded = aws_snapshot.load(Source("state.json", "aws", path.read_text()))
    assert loaded is not None
    assert loaded.document == fetched.document
    assert shapes.violations(json.loads(path.read_text())) == []


def test_a_secret_header_is_not_kept(cloud: Cloud) -> None:
    _, listener, sockets = chat(cloud)
    cloud.elb.create_rule(
        ListenerArn=listener,
        Priority=20,
        Conditions=[
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": ["hunter2"]},
            },
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": "Upgrade", "Values": ["websocket"]},
            },
        ],
        Actions=[{"Type": "forward", "TargetGroupArn": sockets}],
    )
    snapshot = ask(cloud)
    assert isinstance(snapshot.source, aws_snapshot.Account)
    text = json.dumps(snapshot.source.answers)
    assert "hunter2" not in text
    assert '"Values": ["websocket"]' in text
