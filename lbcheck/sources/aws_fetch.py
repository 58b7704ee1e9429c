"""Ask AWS for its load balancers: Describe calls → a snapshot. The only module that knows boto3.

Nothing is judged here and nothing is changed there. A call that fails becomes an entry of the
snapshot's `Errors`; only what makes asking pointless (no credentials, no endpoint) is raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from lbcheck import __version__
from lbcheck.errors import SourceError
from lbcheck.model import Source, Trouble
from lbcheck.sources import aws_plain
from lbcheck.sources.aws_snapshot import SCHEMA, Account, Snapshot, load

_WORKERS = 8
_PAGE = 400  # the most ELBv2 gives at once
_BATCH = 20  # ARNs in one DescribeTags, names in one DescribeLoadBalancers
_REFILL_PER_S = 10.0
"""Describe calls that AWS refills a second, for account and region together (ELB user guide)"""
_STREAMS = frozenset({"TCP", "TLS", "TCP_UDP"})
_REFUSED = {
    "ExpiredToken": "the session token has expired: sign in again",
    "ExpiredTokenException": "the session token has expired: sign in again",
    "RequestExpired": "the request has expired: check this machine's clock",
    "InvalidClientTokenId": "AWS does not know these credentials: check the access key",
    "UnrecognizedClientException": "AWS does not know these credentials: check the access key",
    "AuthFailure": "AWS does not accept these credentials",
    "SignatureDoesNotMatch": "AWS does not accept the signature: check the secret key",
    "OptInRequired": "this region is not enabled for the account",
}
Call = tuple[str, str, dict[str, Any]]
"""Method of the client, key of its answer, arguments"""


class Request(Struct, frozen=True):
    """One account and region to ask. None: whatever the AWS configuration says.

    `names` and `tags` choose load balancers (all of the tags must be there); `say` gets one line
    with the calls that are planned.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    names: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    say: Callable[[str], None] | None = None


class Plan(Struct, frozen=True):
    """How much there is to read, known after the load balancers and groups are listed."""

    balancers: int
    groups: int

    @property
    def calls(self) -> int:
        """Calls to come: tags, listeners, attributes; rules and listener attributes are a guess."""
        tags = -(-self.balancers // _BATCH) - (-self.groups // _BATCH)
        return tags + 4 * self.balancers + 2 * self.groups

    def text(self, where: str) -> str:
        """One line for people; with the time where it is long."""
        things = f"load balancers: {self.balancers}, target groups: {self.groups}"
        seconds = self.calls / _REFILL_PER_S
        wait = f", about {seconds / 60:.0f} min" if seconds >= 60 else ""
        return f"{where}: about {self.calls} calls to come ({things}){wait}"


def fetch(request: Request) -> Snapshot:
    """Everything that is needed to judge the load balancers of one account and region.

    Raises: SourceError: they cannot be asked for at all; its text is one line.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError
    from botocore.parsers import ResponseParserError

    try:
        document = _Asker(request).document()
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise SourceError(_one_line(error, request)) from None
    except (ResponseParserError, KeyError):
        where = request.endpoint_url or "the endpoint"
        raise SourceError(f"aws: {where} does not answer as the ELB API does") from None
    account = str(document["account"] or "unknown account")
    source = Account(f"aws {account} {document['region']}", document)
    snapshot = load(source)
    if snapshot is None:
        raise SourceError(f"{source.name}: {source.troubles[0].message}")
    return snapshot


def ask(request: Request) -> Source:
    """The source of a fetched snapshot, to be read like a saved one.

    Where AWS cannot be asked at all, the source is unread with the reason: a report is made all
    the same, and says that it is incomplete.
    """
    try:
        return fetch(request).source
    except SourceError as error:
        source = Source(f"aws {request.region or 'default region'}", "aws", None)
        source.unread = True
        source.troubles.append(Trouble(str(error)))
        return source


class _Asker:
    """Asks, and keeps the answers that failed apart from those that came."""

    def __init__(self, request: Request) -> None:
        import boto3

        self.request = request
        self.session = boto3.Session(profile_name=request.profile, region_name=request.region)
        self.errors: list[dict[str, str]] = []
        # A wrong region or endpoint must show within seconds, throttling may take its time.
        self._hasty = self._client("elbv2", attempts=2)
        self.client = self._client("elbv2", attempts=10)

    def _client(self, service: str, attempts: int) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=10,
            read_timeout=30,
            max_pool_connections=_WORKERS,
            user_agent_extra=f"lbcheck/{__version__}",
        )
        return self.session.client(service, config=config, endpoint_url=self.request.endpoint_url)

    def document(self) -> dict[str, Any]:
        """The snapshot document ("lbcheck-aws/1")."""
        self._greet()
        balancers = self._balancers()
        groups = self._groups(balancers)
        plan = Plan(len(balancers), len(groups))
        region = self.client.meta.region_name
        if self.request.say is not None:
            self.request.say(plan.text(f"aws {region}"))
        arns = [balancer["LoadBalancerArn"] for balancer in balancers]
        document = {
            "schema": SCHEMA,
            "account": self._account(arns),
            "region": region,
            "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "LoadBalancers": balancers,
            "LoadBalancerAttributes": self._each(
                "describe_load_balancer_attributes", "Attributes", "LoadBalancerArn", arns
            ),
            **self._listeners(balancers),
            "TargetGroups": groups,
        }
        used = aws_plain.used_groups(document)
        document["TargetGroupAttributes"] = self._each(
            "describe_target_group_attributes", "Attributes", "TargetGroupArn", used
        )
        document["TargetHealth"] = self._each(
            "describe_target_health", "TargetHealthDescriptions", "TargetGroupArn", used
        )
        document["Tags"] = self._tags([*arns, *used])
        document["Errors"] = self.errors
        return document

    def _greet(self) -> None:
        """One small call: are there credentials and an endpoint? Raises SourceError."""
        from botocore.exceptions import ClientError

        try:
            self._hasty.describe_load_balancers(PageSize=1)
        except ClientError as error:
            code = _code(error)
            if code in _REFUSED:
                where = self.client.meta.region_name
                raise SourceError(f"aws {where}: {_REFUSED[code]} ({code})") from None

    def _balancers(self) -> list[dict[str, Any]]:
        names = list(self.request.names)
        calls: list[Call] = [
            ("describe_load_balancers", "LoadBalancers", {"Names": names[at : at + _BATCH]})
            for at in range(0, len(names), _BATCH)
        ] or [("describe_load_balancers", "LoadBalancers", {})]
        found = [balancer for answer in self._ask(calls) for balancer in answer or ()]
        if names and any(e["Code"] == "LoadBalancerNotFound" for e in self.errors):
            where = self.client.meta.region_name
            raise SourceError(f"aws {where}: no load balancer is called {' or '.join(names)}")
        wanted = self.request.tags.items()
        if wanted:
            tags = self._tags([balancer["LoadBalancerArn"] for balancer in found])
            found = [
                b
                for b in found
                if wanted <= aws_plain.tag_pairs(tags.get(b["LoadBalancerArn"], []))
            ]
        return found

    def _groups(self, balancers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """All groups; of chosen load balancers only theirs. One listing is cheaper than many."""
        answer = self._ask([("describe_target_groups", "TargetGroups", {})])[0] or []
        if not (self.request.names or self.request.tags):
            return answer
        chosen = {balancer["LoadBalancerArn"] for balancer in balancers}
        return [group for group in answer if chosen & set(group.get("LoadBalancerArns", []))]

    def _listeners(self, balancers: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Listeners, the rules of Application and the attributes of Network Load Balancers."""
        wanted = [b["LoadBalancerArn"] for b in balancers if b.get("Type") != "gateway"]
        listeners = self._each("describe_listeners", "Listeners", "LoadBalancerArn", wanted)
        every = [listener for own in listeners.values() for listener in own]
        streams = [one["ListenerArn"] for one in every if one.get("Protocol") in _STREAMS]
        http = [one["ListenerArn"] for one in every if one.get("Protocol") in ("HTTP", "HTTPS")]
        return {
            "Listeners": listeners,
            "ListenerAttributes": self._each(
                "describe_listener_attributes", "Attributes", "ListenerArn", streams
            ),
            "Rules": self._each("describe_rules", "Rules", "ListenerArn", http),
        }

    def _each(self, method: str, key: str, argument: str, arns: Sequence[str]) -> dict[str, Any]:
        """The answer for each ARN; those that failed are missing."""
        answers = self._ask([(method, key, {argument: arn}) for arn in arns])
        return {a: answer for a, answer in zip(arns, answers, strict=True) if answer is not None}

    def _tags(self, arns: Sequence[str]) -> dict[str, Any]:
        calls: list[Call] = [
            ("describe_tags", "TagDescriptions", {"ResourceArns": list(arns[at : at + _BATCH])})
            for at in range(0, len(arns), _BATCH)
        ]
        described = [one for answer in self._ask(calls) for one in answer or ()]
        return {one["ResourceArn"]: one.get("Tags", []) for one in described}

    def _account(self, arns: Sequence[str]) -> str | None:
        """From an ARN, else from STS; None where neither says it."""
        from botocore.exceptions import BotoCoreError, ClientError

        if arns:
            return arns[0].split(":")[4]
        try:
            identity = self._client("sts", attempts=2).get_caller_identity()
        except (BotoCoreError, ClientError):
            return None
        return str(identity["Account"])

    def _ask(self, calls: Sequence[Call]) -> list[list[Any] | None]:
        """The answers in the order of the calls; None for one that failed."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(_WORKERS)
        try:
            pairs = list(pool.map(self._one, calls))
        finally:
            pool.shutdown(cancel_futures=True)
        self.errors += [error for _, error in pairs if error is not None]
        return [answer for answer, _ in pairs]

    def _one(self, call: Call) -> tuple[list[Any] | None, dict[str, str] | None]:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        method, key, arguments = call
        try:
            return aws_plain.plain(self._pages(method, key, arguments)), None
        except ClientError as error:
            said = error.response.get("Error", {}).get("Message", "")
            return None, _failure(call, _code(error), " ".join(said.split()))
        except (ResponseParserError, KeyError):
            return None, _failure(call, "BadAnswer", "the endpoint's answer cannot be read")
        except BotoCoreError as error:
            return None, _failure(call, type(error).__name__, " ".join(str(error).split()))

    def _pages(self, method: str, key: str, arguments: dict[str, Any]) -> list[Any]:
        if not self.client.can_paginate(method):
            return list(getattr(self.client, method)(**arguments)[key])
        size = {} if "Names" in arguments else {"PageSize": _PAGE}
        pages = self.client.get_paginator(method).paginate(**arguments, PaginationConfig=size)
        return [value for page in pages for value in page[key]]


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "Error"))


def _failure(call: Call, code: str, message: str) -> dict[str, str]:
    method, _, arguments = call
    operation = "".join(word.capitalize() for word in method.split("_"))
    resource = next((v for k, v in arguments.items() if k.endswith("Arn")), "")
    return {"Operation": operation, "Resource": resource, "Code": code, "Message": message}


def _one_line(error: Exception, request: Request) -> str:
    """What to do about an exception of boto3."""
    name = type(error).__name__
    where = f"aws {request.region}" if request.region else "aws"
    remedies = {
        "NoCredentialsError": "no credentials: set AWS_PROFILE or name one with --aws-profile",
        "PartialCredentialsError": "the credentials are incomplete: a key or secret is missing",
        "NoRegionError": "no region: name one with --region",
        "ProfileNotFound": f"the AWS configuration has no profile {request.profile!r}",
    }
    return f"{where}: {remedies.get(name) or ' '.join(str(error).split())}"
