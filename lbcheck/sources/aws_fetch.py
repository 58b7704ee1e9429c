"""Ask AWS for its load balancers: Describe calls → a snapshot.

Nothing is judged here and nothing is changed there. First everything is listed, then only what a
WebSocket may reach is read, stage by stage, so that each stage's calls are known before the first
is made. A call that fails becomes an entry of the snapshot's `Errors`; only what makes asking
pointless (no credentials, no endpoint) is raised.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from lbcheck.errors import SourceError
from lbcheck.model import Source, Trouble
from lbcheck.sources import (
    aws,
    aws_behind,
    aws_fetch_classic,
    aws_fetch_compute,
    aws_plain,
    aws_session,
)
from lbcheck.sources.aws_asker import Asker
from lbcheck.sources.aws_inventory import Inventory
from lbcheck.sources.aws_rate import Buckets
from lbcheck.sources.aws_request import Request
from lbcheck.sources.aws_rules import STREAMS
from lbcheck.sources.aws_session import Call, Failure
from lbcheck.sources.aws_snapshot import SCHEMA, Account, Snapshot, load

_BATCH = 20  # ARNs in one DescribeTags, names in one DescribeLoadBalancers
# Section of the snapshot -> method, key of its answer, argument: one call for each ARN.
_SECTIONS = {
    "Listeners": ("describe_listeners", "Listeners", "LoadBalancerArn"),
    "Rules": ("describe_rules", "Rules", "ListenerArn"),
    "LoadBalancerAttributes": (
        "describe_load_balancer_attributes",
        "Attributes",
        "LoadBalancerArn",
    ),
    "ListenerAttributes": ("describe_listener_attributes", "Attributes", "ListenerArn"),
    "TargetGroupAttributes": ("describe_target_group_attributes", "Attributes", "TargetGroupArn"),
    "TargetHealth": ("describe_target_health", "TargetHealthDescriptions", "TargetGroupArn"),
}


def fetch(request: Request, buckets: Buckets | None = None) -> Snapshot:
    """Everything that is needed to judge the load balancers of one account and region.

    Args: buckets: shared by the requests of one run, which may ask the same account.

    Raises: SourceError: they cannot be asked for at all; its text is one line.
    """
    reading = _Reading(request, buckets or Buckets())
    document = reading.document()
    source = Account(reading.session.name, document)
    snapshot = load(source)
    if snapshot is None:
        raise SourceError(f"{source.name}: {source.troubles[0].message}")
    return snapshot


def ask(request: Request, buckets: Buckets | None = None) -> Source:
    """The source of a fetched snapshot, to be read like a saved one.

    Where AWS cannot be asked at all, the source is unread with the reason: a report is made all
    the same, and says that it is incomplete.
    """
    try:
        return fetch(request, buckets).source
    except SourceError as error:
        source = Source(request.where, "aws", None)
        source.unread = True
        source.troubles.append(Trouble(str(error)))
        return source


class _Reading:
    """One account and region being read: the document so far, and the calls that failed."""

    def __init__(self, request: Request, buckets: Buckets) -> None:
        self.request = request
        self.session = aws_session.Session(request, buckets)
        self.errors: list[dict[str, str]] = []
        self.asker = Asker(self.session, "elbv2", self.errors)
        self.answers: dict[str, Any] = {section: {} for section in _SECTIONS}

    def document(self) -> dict[str, Any]:
        """The snapshot document ("lbcheck-aws/1")."""
        balancers = self._balancers()
        groups = self._groups(balancers)
        known = {"LoadBalancers": balancers, "TargetGroups": groups}
        arns = [balancer["LoadBalancerArn"] for balancer in balancers]
        self.session.account = self._account(arns)
        self.answers = {
            "schema": SCHEMA,
            "account": self.session.account,
            "region": self.session.region,
            "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            **self.answers,
            **known,
            "Tags": self._tags([*arns, *_in_use(groups)]),
            "Errors": self.errors,
        }
        with_listeners = [b["LoadBalancerArn"] for b in balancers if b.get("Type") != "gateway"]
        self._read("listeners", [("Listeners", arn) for arn in with_listeners])
        self._read("rules", [("Rules", arn) for arn in self._listeners("HTTP", "HTTPS")])
        reached = self._reached()
        self._read("what they lead to", reached)
        self._read_compute([arn for section, arn in reached if section == "TargetHealth"])
        aws_fetch_classic.read(self.session, self.answers, self.errors)
        return self.answers

    def _read(self, what: str, wanted: Sequence[tuple[str, str]]) -> None:
        self.asker.read(what, wanted, _SECTIONS, self.answers)

    def _read_compute(self, groups: Sequence[str]) -> None:
        """What runs behind the groups. Who is about to go may have been deregistered since the
        groups were asked: they are asked again."""
        aws_fetch_compute.read(self.session, self.answers, self.errors, groups)
        snapshot = load(Account("", self.answers))
        if snapshot is not None:
            leaving = aws_behind.leaving(Inventory(snapshot))
            self._read("targets that are leaving", [("TargetHealth", arn) for arn in leaving])

    def _reached(self) -> list[tuple[str, str]]:
        """Section and ARN of the attributes and states that a WebSocket route depends on."""
        balancers = [b["LoadBalancerArn"] for b in self.answers["LoadBalancers"]]
        streams = self._listeners(*STREAMS)
        groups = aws_plain.used_groups(self.answers)
        scope = self.request.scope
        if scope is not None:
            snapshot = load(Account("", self.answers))
            if snapshot is not None:
                reached = aws.reached(Inventory(snapshot), scope.declared, scope.level)
                balancers = [arn for arn in balancers if arn in reached]
                streams = [arn for arn in streams if arn in reached]
                groups = [arn for arn in groups if arn in reached]
        return [
            *(("LoadBalancerAttributes", arn) for arn in balancers),
            *(("ListenerAttributes", arn) for arn in streams),
            *(("TargetGroupAttributes", arn) for arn in groups),
            *(("TargetHealth", arn) for arn in groups),
        ]

    def _listeners(self, *protocols: str) -> list[str]:
        every = (listener for own in self.answers["Listeners"].values() for listener in own)
        return [one["ListenerArn"] for one in every if one.get("Protocol") in protocols]

    def _balancers(self) -> list[dict[str, Any]]:
        names, wanted = list(self.request.names), self.request.tags.items()
        calls = [
            _listing({"Names": names[at : at + _BATCH]}) for at in range(0, len(names), _BATCH)
        ] or [_listing({})]
        answers = [self.asker.first(calls[0]), *self.asker.ask(calls[1:])]
        found = [balancer for answer in answers for balancer in answer or ()]
        if names and any(e["Code"] == "LoadBalancerNotFound" for e in self.errors):
            called = " or ".join(names)
            raise SourceError(f"{self.request.where}: no load balancer is called {called}")
        if wanted:
            tags = self._tags([balancer["LoadBalancerArn"] for balancer in found])
            own = {arn: aws_plain.tag_pairs(pairs) for arn, pairs in tags.items()}
            found = [b for b in found if wanted <= own.get(b["LoadBalancerArn"], set())]
        return found

    def _groups(self, balancers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """All groups; of chosen load balancers only theirs. One listing is cheaper than many."""
        answer = self.asker.ask([Call("describe_target_groups", "TargetGroups")])[0] or []
        if not (self.request.names or self.request.tags):
            return answer
        chosen = {balancer["LoadBalancerArn"] for balancer in balancers}
        return [group for group in answer if chosen & set(group.get("LoadBalancerArns", []))]

    def _tags(self, arns: Sequence[str]) -> dict[str, Any]:
        calls = [
            Call("describe_tags", "TagDescriptions", {"ResourceArns": list(arns[at : at + _BATCH])})
            for at in range(0, len(arns), _BATCH)
        ]
        described = [one for answer in self.asker.ask(calls) for one in answer or ()]
        return {one["ResourceArn"]: one.get("Tags", []) for one in described}

    def _account(self, arns: Sequence[str]) -> str | None:
        """From an ARN, else from STS; None where neither says it."""
        if arns:
            return arns[0].split(":")[4]
        sts = self.session.client("sts", hasty=True)
        answer = aws_session.one(sts, Call("get_caller_identity", "Account"))
        return None if isinstance(answer, Failure) else str(answer[0])


def _listing(arguments: dict[str, Any]) -> Call:
    return Call("describe_load_balancers", "LoadBalancers", arguments)


def _in_use(groups: Iterable[dict[str, Any]]) -> list[str]:
    return [group["TargetGroupArn"] for group in groups if group.get("LoadBalancerArns")]
