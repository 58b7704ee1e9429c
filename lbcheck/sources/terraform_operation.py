"""Terraform's operators on what is known."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.terraform_value import HIDDEN, Value

_COMPARING: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_SCALARS = (str, int, float, bool, type(None))


def result(sign: str, parts: list[Value]) -> Value:
    """The result of an operator with one or two operands."""
    data = [part.data for part in parts]
    if len(data) == 1:
        return _unary(sign, data[0])
    if sign in ("&&", "||"):
        return _logic(sign, data)
    if sign in ("==", "!="):
        return _equality(sign, data)
    if not all(isinstance(each, int | float) and abs(each) < 2**53 for each in data):
        return HIDDEN
    return _arithmetic(sign, data)


def _unary(sign: str, data: Any) -> Value:
    if sign == "!" and isinstance(data, bool):
        return Value(not data)
    return Value(-data) if sign == "-" and isinstance(data, int | float) else HIDDEN


def _logic(sign: str, data: list[Any]) -> Value:
    deciding = sign == "||"
    if deciding in [each for each in data if isinstance(each, bool)]:
        return Value(deciding)
    return Value(not deciding) if all(isinstance(each, bool) for each in data) else HIDDEN


def _equality(sign: str, data: list[Any]) -> Value:
    """Something that Terraform makes, a list and an object are never null."""
    if None in data and not any(each is UNKNOWN for each in data):
        return Value((data[0] is data[1]) == (sign == "=="))
    if not all(each is not UNKNOWN and isinstance(each, _SCALARS) for each in data):
        return HIDDEN
    one, other = data
    alike = isinstance(one, bool) == isinstance(other, bool) and one == other
    return Value(alike if sign == "==" else not alike)


def _arithmetic(sign: str, data: list[Any]) -> Value:
    if sign in ("/", "%"):
        if not data[1]:
            return HIDDEN
        found = data[0] / data[1] if sign == "/" else data[0] % data[1]
        return Value(int(found) if float(found).is_integer() else found)
    found = _COMPARING[sign](*data) if sign in _COMPARING else UNKNOWN
    return Value(found)
