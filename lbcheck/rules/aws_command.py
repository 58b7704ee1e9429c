"""AWS CLI lines that mend a target group. They are shown, never run."""

from __future__ import annotations

from lbcheck.finding import Fix
from lbcheck.model import Place, Pointer


def modify_group(place: Place, description: str, options: str) -> Fix | None:
    """`modify-target-group` for the group of a place; None where there is no AWS answer."""
    return _command(place, description, "modify-target-group", options)


def modify_group_attribute(place: Place, description: str, key: str, value: str) -> Fix | None:
    """`modify-target-group-attributes` with one attribute; None likewise."""
    options = f"--attributes Key={key},Value={value}"
    return _command(place, description, "modify-target-group-attributes", options)


def _command(place: Place, description: str, verb: str, options: str) -> Fix | None:
    if not isinstance(place, Pointer):
        return None
    command = f"aws elbv2 {verb} --target-group-arn {place.resource} {options}"
    return Fix(description, command=command)
