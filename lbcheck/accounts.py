"""Read an accounts file: whom to ask at AWS, and with which roles.

accounts:
  - role-arn: arn:aws:iam::111122223333:role/auditor
    external-id: audit
    regions: [eu-west-1, eu-central-1]
  - profile: staging
    regions: [all]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from lbcheck import shape
from lbcheck.document import Mistakes, parse, read_text
from lbcheck.sources.aws_request import Request, Role

Arn = Annotated[
    str,
    Meta(
        pattern="^arn:[a-z-]+:iam::[0-9]{12}:role/[^ ]+$",
        extra_json_schema={"description": "the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)"},
    ),
]


class Account(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One entry of an accounts file: how to get in, and which regions."""

    role_arn: Arn | None = None
    external_id: str | None = None
    session_name: str | None = None
    profile: str | None = None
    regions: tuple[str, ...] = ()

    def requests(self, request: Request) -> Iterator[Request]:
        """A request for each region; what the entry does not say is as in `request`."""
        role = request.role
        if self.role_arn:
            role = Role(self.role_arn, self.external_id, self.session_name or "lbcheck")
        profile = self.profile or request.profile
        for region in self.regions or (request.region,):
            yield replace(request, role=role, profile=profile, region=region)


class Accounts(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    accounts: tuple[Account, ...]


def load(path: str) -> tuple[Account, ...]:
    """The entries of an accounts file.

    Raises: UsageError, DocumentErrors: it cannot be read; each mistake has its line and column.
    """
    mistakes = Mistakes(path)
    root = parse(read_text(path, path), mistakes)
    mistakes.check()
    values = shape.read_struct(root, shape.described(Accounts), mistakes)
    mistakes.check()
    return tuple(Account(**entry) for entry in values["accounts"])
