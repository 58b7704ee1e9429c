"""Several accounts and regions in one run: roles, the accounts file, every enabled region."""

from __future__ import annotations

import pathlib
import re

import boto3
import pytest

from lbcheck import accounts
from lbcheck.cli.aws_options import rate, requests
from lbcheck.errors import DocumentErrors, UsageError
from lbcheck.sources import aws_accounts
from lbcheck.sources.aws_rate import Rate
from lbcheck.sources.aws_request import Request, Role
from tests.aws.conftest import REGION, Cloud

ARN = "arn:aws:iam::111122223333:role/auditor"
NOTHING = {
    "region": (), "aws_profile": None, "endpoint_url": None, "role_arn": (), "external_id": None,
    "role_session_name": None, "accounts": None, "aws_rate": "40/10",
}  # fmt: skip


def test_a_role_of_another_account_is_asked_beside_the_own(cloud: Cloud) -> None:
    cloud.balancer("own")
    own = Request(region=REGION, endpoint_url=cloud.endpoint)
    other = Request(region=REGION, endpoint_url=cloud.endpoint, role=Role(ARN, "secret", "audit"))
    names = [source.name for source in aws_accounts.ask([own, other])]
    # The other account has no load balancers: STS says who it is.
    assert names == [f"aws 123456789012 {REGION}", f"aws 111122223333 {REGION}"]


def test_all_means_every_enabled_region_once(cloud: Cloud) -> None:
    enabled = boto3.client("ec2", region_name=REGION, endpoint_url=cloud.endpoint)
    regions = sorted(one["RegionName"] for one in enabled.describe_regions()["Regions"])
    everywhere = Request(region="all", endpoint_url=cloud.endpoint)
    here = Request(region=REGION, endpoint_url=cloud.endpoint)
    names = [source.name for source in aws_accounts.ask([here, everywhere])]
    expected = [REGION, *(region for region in regions if region != REGION)]
    assert names == [f"aws 123456789012 {region}" for region in expected]


def test_regions_that_cannot_be_listed_are_an_unread_source() -> None:
    [source] = aws_accounts.ask([Request(region="all", endpoint_url="http://127.0.0.1:9")])
    assert (source.name, source.status.value) == ("aws all", "unread")
    [trouble] = source.troubles
    assert trouble.message.startswith("aws all: Could not connect to the endpoint URL")
    assert trouble.remedy == "name the regions with --region, or allow `ec2:DescribeRegions`"


def test_an_account_that_cannot_be_asked_leaves_the_others(cloud: Cloud) -> None:
    cloud.balancer("own")
    own = Request(region=REGION, endpoint_url=cloud.endpoint)
    nobody = Request(region=REGION, profile="nobody")
    sources = aws_accounts.ask([nobody, own])
    assert [(s.name, s.status.value) for s in sources] == [
        (f"aws nobody {REGION}", "unread"),
        (f"aws 123456789012 {REGION}", "read"),
    ]


def test_each_entry_of_the_accounts_file_is_asked_in_its_regions(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(
        f"accounts:\n  - role-arn: {ARN}\n    external-id: x\n    regions: [eu-west-1, all]\n"
        "  - profile: staging\n"
    )
    asked = requests({**NOTHING, "accounts": str(file), "region": ("us-east-1",)})
    assert [(one.role, one.profile, one.region) for one in asked] == [
        (Role(ARN, "x"), None, "eu-west-1"),
        (Role(ARN, "x"), None, "all"),
        (None, "staging", "us-east-1"),
    ]


def test_mistakes_in_the_accounts_file_have_their_places(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text("accounts:\n  - role-arn: auditor\n  - rol-arn: x\n")
    with pytest.raises(DocumentErrors) as caught:
        accounts.load(str(file))
    assert str(caught.value).splitlines() == [
        f"{file}:2:15: `role-arn` must be the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME),"
        " not `auditor`",
        f"{file}:3:5: unknown key `rol-arn` in `accounts`; did you mean `role-arn`?",
    ]


def test_roles_and_regions_are_combined() -> None:
    asked = requests({**NOTHING, "role_arn": (ARN,), "external_id": "x", "region": ("a", "b")})
    assert [(one.role, one.region) for one in asked] == [
        (Role(ARN, "x"), "a"),
        (Role(ARN, "x"), "b"),
    ]


def test_an_external_id_without_a_role_is_refused() -> None:
    with pytest.raises(UsageError, match="--external-id and --role-session-name speak of a role"):
        requests({**NOTHING, "external_id": "x"})


def test_the_rate_is_burst_and_calls_a_second() -> None:
    assert rate("30/2.5") == Rate(30, 2.5)
    for wrong in ("", "40", "0/10", "40/0", "x/1", "40/10/1"):
        with pytest.raises(UsageError) as caught:
            rate(wrong)
        assert str(caught.value) == f"--aws-rate {wrong}: write BURST/PER-S, such as 40/10"


def test_the_file_in_the_documentation_is_read(tmp_path: pathlib.Path) -> None:
    text = pathlib.Path("docs/scheduling.md").read_text()
    (example,) = re.findall(r"```yaml\n(accounts:\n.*?)```", text, re.DOTALL)
    file = tmp_path / "accounts.yaml"
    file.write_text(example)
    first, second = accounts.load(str(file))
    assert (first.external_id, first.regions) == ("audit", ("eu-west-1", "eu-central-1"))
    assert (second.profile, second.role_arn, second.regions) == ("staging", None, ("all",))


def test_a_file_without_accounts_says_so(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text("account: x\n")
    with pytest.raises(DocumentErrors) as caught:
        accounts.load(str(file))
    assert str(caught.value).splitlines()[-1] == f"{file}:1:1: `accounts` is missing"
