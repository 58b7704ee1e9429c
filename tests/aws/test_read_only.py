"""lbcheck asks AWS and changes nothing: every call is a Describe, List or Get."""

from __future__ import annotations

import ast
import pathlib
import re

from lbcheck.sources import aws_fetch
from lbcheck.sources.aws_permissions import TIERS
from lbcheck.sources.aws_request import Request
from tests.aws.conftest import REGION, Cloud
from tests.aws.gate import Gate, open_gate

SOURCES = pathlib.Path(aws_fetch.__file__).parent
CHANGING = "create modify delete put register deregister set update add remove start stop"
METHOD = re.compile(f"({CHANGING.replace(' ', '|')})_")
READING = ("Describe", "List", "Get")


def test_every_permission_is_a_reading_one() -> None:
    actions = [probe.action.partition(":")[2] for tier in TIERS for probe in tier.probes]
    assert [action for action in actions if not action.startswith(READING)] == []


def test_every_call_that_is_made_is_a_reading_one(cloud: Cloud) -> None:
    listener = cloud.listener(cloud.balancer("chat"), cloud.group("chat-ws", targets=("10.0.0.1",)))
    cloud.rule(listener, cloud.group("more-ws", targets=("10.0.0.2",)), "/ws/*")
    gate = Gate()
    with open_gate(gate) as url:
        aws_fetch.fetch(Request(region=REGION, endpoint_url=url))
    made = {operation.rpartition(" ")[2] for operation in gate.asked}
    assert [operation for operation in made if not operation.startswith(READING)] == []


def test_no_module_names_a_method_that_changes_something() -> None:
    named = {
        (path.name, node.value)
        for path in SOURCES.glob("aws_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if METHOD.match(node.value)
    }
    assert named == set()
