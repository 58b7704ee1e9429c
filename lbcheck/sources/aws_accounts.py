"""Ask the accounts and regions of one run, side by side; `all` means every enabled region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from lbcheck.errors import SourceError
from lbcheck.model import Source, Trouble
from lbcheck.sources import aws_fetch, aws_session
from lbcheck.sources.aws_rate import Buckets
from lbcheck.sources.aws_request import EVERY_REGION, Request
from lbcheck.sources.aws_session import Call, Failure

_AT_ONCE = 8
_REMEDY = "name the regions with --region, or allow `ec2:DescribeRegions`"


def ask(
    requests: Sequence[Request], mine: Callable[[str], bool] = lambda where: True
) -> list[Source]:
    """The sources of all requests, in their order; accounts and regions are asked side by side.

    Args: mine: only accounts and regions are asked whose `Request.where` it is true of.

    A request for every region becomes one for each that is enabled. What cannot be asked is an
    unread source with the reason.
    """
    from concurrent.futures import ThreadPoolExecutor

    buckets = Buckets()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        expanded = list(pool.map(lambda request: _regions(request, buckets), requests))
        flat = [
            one for one in _once(one for group in expanded for one in group) if mine(_name(one))
        ]
        return list(pool.map(lambda one: _source(one, buckets), flat))


def _name(one: Request | Source) -> str:
    return one.where if isinstance(one, Request) else one.name


def _source(one: Request | Source, buckets: Buckets) -> Source:
    return one if isinstance(one, Source) else aws_fetch.ask(one, buckets)


def _once(ones: Iterable[Request | Source]) -> list[Request | Source]:
    """Each account and region once: two `--region` may overlap."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Request | Source] = []
    for one in ones:
        if isinstance(one, Request):
            key = (one.region, one.profile, one.role, one.endpoint_url)
            if key in seen:
                continue
            seen.add(key)
        kept.append(one)
    return kept


def _regions(request: Request, buckets: Buckets) -> list[Request | Source]:
    """The request for each enabled region where it asks for all of them."""
    if request.region != EVERY_REGION:
        return [request]
    try:
        return [replace(request, region=region) for region in enabled_regions(request, buckets)]
    except SourceError as error:
        source = Source(request.where, "aws", None)
        source.unread = True
        source.troubles.append(Trouble(str(error), remedy=_REMEDY))
        return [source]


def enabled_regions(request: Request, buckets: Buckets) -> list[str]:
    """The regions that are enabled for an account, sorted.

    Raises: SourceError: EC2 does not say.
    """
    # Any region knows them all; the configured one may not be set at all.
    anywhere = replace(request, region=None)
    try:
        session = aws_session.Session(anywhere, buckets)
    except SourceError:
        session = aws_session.Session(replace(request, region="us-east-1"), buckets)
    client = session.client("ec2", hasty=True)
    answer = aws_session.first(client, Call("describe_regions", "Regions"), request)
    if isinstance(answer, Failure):
        said = f"the regions cannot be listed: {answer.message} ({answer.code})"
        raise SourceError(f"{request.where}: {said}")
    return sorted(str(region["RegionName"]) for region in answer)
