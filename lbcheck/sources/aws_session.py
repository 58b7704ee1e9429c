"""Talk to AWS: sessions, roles, clients with a limiter, calls and how they fail. The only boto3.

Describe, List and Get operations are all that is ever called, and `AssumeRole` for credentials.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from msgspec import Struct

from lbcheck import __version__
from lbcheck.errors import SourceError
from lbcheck.sources import aws_plain
from lbcheck.sources.aws_rate import Bucket, Buckets
from lbcheck.sources.aws_request import Request

WORKERS = 8
ATTEMPTS = 10
ELB_PAGE = 400  # the most the ELB API gives at once
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


class Call(Struct, frozen=True):
    """A method of a client, the key of its answer, its arguments and the size of its pages."""

    method: str
    key: str
    arguments: dict[str, Any] = {}
    page: int = ELB_PAGE

    @property
    def operation(self) -> str:
        """`describe_rules` -> `DescribeRules`"""
        return "".join(word.capitalize() for word in self.method.split("_"))

    @property
    def resource(self) -> str:
        """The ARN or name it asks about; "" where it asks about everything."""
        named = (v for k, v in self.arguments.items() if k.endswith(("Arn", "Name")))
        return next(named, "")


class Failure(Struct, frozen=True):
    """A call that was not answered. `operation` is AssumeRole where the role is the reason."""

    operation: str
    code: str
    message: str


class Session:
    """The credentials of one request, and clients that keep to its rate."""

    def __init__(self, request: Request, buckets: Buckets) -> None:
        self.request, self._buckets = request, buckets
        with _told(request):
            self._session = _session(request)
            self.region = str(self._session.region_name or "")
        self.account: str | None = None
        """once it is known"""
        if not self.region:
            raise SourceError(f"{request.where}: no region: name one with --region")

    @property
    def name(self) -> str:
        """How people call the account and region."""
        return f"aws {self.account or 'unknown account'} {self.region}"

    def bucket(self, service: str) -> Bucket:
        """What keeps calls of a service to the request's rate."""
        request = self.request
        owner = request.role.account if request.role else request.profile or ""
        return self._buckets.get(request.rate, owner, self.region, service)

    def client(self, service: str, *, hasty: bool = False) -> Any:
        """A client of a service. Every attempt takes a token first, repeated ones included.

        Args: hasty: for a first call, where a wrong region or endpoint must show within seconds;
        throttling may take its time.
        """
        from botocore.config import Config

        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": 2 if hasty else ATTEMPTS},
            connect_timeout=10,
            read_timeout=30,
            max_pool_connections=WORKERS,
            user_agent_extra=f"lbcheck/{__version__}",
        )
        with _told(self.request):
            client = self._session.client(
                service, config=config, endpoint_url=self.request.endpoint_url
            )
        bucket = self.bucket(service)
        client.meta.events.register("before-send", lambda **_: bucket.take())
        return client


def first(client: Any, call: Call, request: Request) -> list[Any] | Failure:
    """The first call to a service.

    Raises: SourceError: nobody answers there, or nobody takes these credentials.
    """
    with _told(request):
        answer = _answered(client, call)
    if isinstance(answer, Failure):
        if answer.operation == "AssumeRole":
            said = f"the role cannot be assumed: {answer.message} ({answer.code})"
            raise SourceError(f"{request.where}: {said}")
        if answer.code in _REFUSED:
            raise SourceError(f"{request.where}: {_REFUSED[answer.code]} ({answer.code})")
    return answer


def one(client: Any, call: Call) -> list[Any] | Failure:
    """The answer to a call, all its pages; a failure never raises."""
    from botocore.exceptions import BotoCoreError
    from botocore.parsers import ResponseParserError

    try:
        return _answered(client, call)
    except (ResponseParserError, KeyError):
        return Failure(call.operation, "BadAnswer", "the endpoint's answer cannot be read")
    except BotoCoreError as error:
        return Failure(call.operation, type(error).__name__, " ".join(str(error).split()))


def _answered(client: Any, call: Call) -> list[Any] | Failure:
    from botocore.exceptions import ClientError

    try:
        return list(aws_plain.plain(_pages(client, call)))
    except ClientError as error:
        said = error.response.get("Error", {})
        message = " ".join(str(said.get("Message", "")).split())
        operation = str(error.operation_name)
        return Failure(operation, str(said.get("Code", "Error")), message)


def _pages(client: Any, call: Call) -> list[Any]:
    if not client.can_paginate(call.method):
        found = getattr(client, call.method)(**call.arguments)[call.key]
        return list(found) if isinstance(found, list) else [found]
    size = {} if "Names" in call.arguments else {"PageSize": call.page}
    pages = client.get_paginator(call.method).paginate(**call.arguments, PaginationConfig=size)
    return [value for page in pages for value in page[call.key]]


def _session(request: Request) -> Any:
    """A boto3 session as the AWS command line would make it, with the request's role on top.

    A role's credentials are made anew before they expire: a large account takes an hour to read.
    """
    import boto3
    from botocore import credentials
    from botocore.exceptions import NoCredentialsError

    inner = _plain_session(request.profile)
    session = boto3.Session(botocore_session=inner, region_name=request.region)
    if request.role is None:
        return session
    own = session.get_credentials()
    if own is None:  # botocore's fetcher takes for granted that there are some
        raise NoCredentialsError
    extra = {"RoleSessionName": request.role.session_name}
    if request.role.external_id is not None:
        extra["ExternalId"] = request.role.external_id
    fetcher = credentials.AssumeRoleCredentialFetcher(
        partial(session.client, region_name=session.region_name, endpoint_url=request.endpoint_url),
        own,
        request.role.arn,
        extra_args=extra,
    )
    assumed = _plain_session(request.profile)
    assumed._credentials = credentials.DeferredRefreshableCredentials(
        fetcher.fetch_credentials, "assume-role"
    )
    return boto3.Session(botocore_session=assumed, region_name=session.region_name)


def _plain_session(profile: str | None) -> Any:
    from botocore.session import Session as BotocoreSession

    session = BotocoreSession(profile=profile)
    session.register_component("data_loader", _loader())
    return session


@cache
def _loader() -> Any:
    """The API models, read once for every account and region: each takes 50 ms."""
    from botocore.loaders import create_loader

    return create_loader()


@contextmanager
def _told(request: Request) -> Iterator[None]:
    """What boto3 raises becomes one line that says what to do."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise SourceError(_one_line(error, request)) from None
    except (ResponseParserError, KeyError):
        where = request.endpoint_url or "the endpoint"
        raise SourceError(f"{request.where}: {where} does not answer as AWS does") from None


def _one_line(error: Exception, request: Request) -> str:
    """What to do about an exception of boto3."""
    remedies = {
        "NoCredentialsError": "there are no credentials; set AWS_PROFILE or name one with"
        " --aws-profile",
        "PartialCredentialsError": "the credentials are incomplete, a key or a secret is missing",
        "NoRegionError": "no region: name one with --region",
        "ProfileNotFound": f"the AWS configuration has no profile {request.profile!r}",
    }
    said = remedies.get(type(error).__name__) or " ".join(str(error).split())
    return f"{request.where}: {said}{_doubted(error, request)}"


def _doubted(error: Exception, request: Request) -> str:
    """A region that botocore does not know may be new; one that nobody answers for is a typo."""
    from botocore.exceptions import EndpointConnectionError
    from botocore.session import Session

    if request.endpoint_url or not isinstance(error, EndpointConnectionError):
        return ""
    session = Session()
    regions = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("elbv2", partition)
    ]
    known = not request.region or request.region in regions
    return "" if known else f"; is there a region `{request.region}`?"
