"""`optional(type, default)` in the type of a variable stands where nothing is handed over."""

from __future__ import annotations

import pathlib

import pytest

from tests.readers.terraform_text import CHAIN, route

GROUP = 'resource "aws_lb_target_group" "ws" {\n  port = 80\n  protocol = "HTTP"\n}\n'


def idle(
    tmp_path: pathlib.Path, wanted: str, given: str, used: str = "var.lb.idle"
) -> float | None:
    variable = f'variable "lb" {{\n  type = {wanted}\n  default = {given}\n}}\n'
    text = CHAIN.replace('name = "edge"', f"idle_timeout = {used}")
    assert text != CHAIN
    found = route(tmp_path, text + GROUP + variable)
    return found.idle and found.idle.value


@pytest.mark.parametrize(
    ("wanted", "given", "value"),
    [
        ("object({ idle = optional(number, 25) })", "{}", 25.0),
        ("object({\n    idle = optional(number, 25) # s\n  })", "{ idle = null }", 25.0),
        ("object({ idle = optional(number, 25) })", "{ idle = 90 }", 90.0),
        ("object({ idle = optional(number) })", "{}", 60.0),  # null: the default of AWS
        ("object({ idle = optional(number, var.other) })", "{}", None),
        ("object({ idle = number })", "{ idle = 90 }", 90.0),
        ("any", "{ idle = 90 }", 90.0),
        ("object({ idle = optional(number, 25) })", "{ (var.key) = 90 }", None),
    ],
)
def test_what_is_left_out_has_the_default_of_its_type(
    tmp_path: pathlib.Path, wanted: str, given: str, value: float | None
) -> None:
    assert idle(tmp_path, wanted, given) == value


@pytest.mark.parametrize(
    ("wanted", "given", "used"),
    [
        ("map(object({ idle = optional(number, 25) }))", "{ a = {} }", 'var.lb["a"].idle'),
        ("list(object({ idle = optional(number, 25) }))", "[{}]", "var.lb[0].idle"),
        (
            "object({ s = optional(object({ idle = optional(number, 25) }), {}) })",
            "{}",
            "var.lb.s.idle",
        ),
    ],
)
def test_types_within_types_count(
    tmp_path: pathlib.Path, wanted: str, given: str, used: str
) -> None:
    assert idle(tmp_path, wanted, given, used) == 25.0
