"""Turn option values into what a run needs; each mistake names the option and what is right."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable

import click

from lbcheck.errors import UsageError
from lbcheck.reporters import FORMATS

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_MAX_DIGITS = 15


def outputs(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> list[tuple[str, str]]:
    """FORMAT=PATH pairs. A folder that is not there is told before the audit, not after it."""
    pairs_ = [_output(text) for text in given]
    paths = [os.path.realpath(path) for _, path in pairs_]
    for path in paths:
        if paths.count(path) > 1:
            raise click.BadParameter(f"{os.path.basename(path)} is written by two of them")
    return pairs_


def _output(text: str) -> tuple[str, str]:
    form, equals, path = text.partition("=")
    if not equals or not path:
        raise click.BadParameter(f"{text!r} is not FORMAT=PATH, such as sarif=lbcheck.sarif")
    if form not in FORMATS:
        raise click.BadParameter(f"{form!r} is none of the formats {', '.join(FORMATS)}")
    if path == "-":
        raise click.BadParameter(f"`-` is no file: --format {form} is for standard output")
    _folder(path)
    return form, path


def size(ctx: click.Context, param: click.Parameter, text: str) -> int:
    """Bytes: `50M` is 50,000,000."""
    given = str(text).lower().removesuffix("b")
    unit = given[-1:] if given[-1:] in _UNITS else ""
    number = given.removesuffix(unit)
    decimal = number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS
    if not decimal or int(number) == 0:
        raise click.BadParameter(f"{text!r} is no size, such as 50M")
    return int(number) * _UNITS[unit]


def configuration(ctx: click.Context, param: click.Parameter, path: str | None) -> str | None:
    """Read the configuration file; its values hold where neither line nor environment says."""
    from lbcheck.config_search import nearest

    if path is None and nearest(os.getcwd()) is None:
        return None
    from lbcheck import config

    said = config.load(".", path, FORMATS).defaults()
    ctx.default_map = {**(ctx.default_map or {}), **said}
    return path


def words(given: Iterable[str]) -> tuple[str, ...]:
    """Values of a repeatable option that may hold commas: `LB301,LB302`."""
    return tuple(word.strip() for text in given for word in text.split(",") if word.strip())


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """KEY=VALUE texts.

    Raises: UsageError naming the option for a text without `=`.
    """
    result = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{option} {text}: write KEY=VALUE")
        result[key.strip()] = value.strip()
    return result


def duration(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """Seconds: `90s`, `1.5m`, `1h`, `30d`, or a number of seconds."""
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,6}+(?:\.[0-9]{1,3}+)?+)(s|m|h|d)?+", text)
    if match is None or float(match[1]) == 0:
        raise click.BadParameter(f"{text!r} is no time, such as 90s")
    return float(match[1]) * _SECONDS.get(match[2], 1)


def duration_or_never(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """Seconds, or None for `never`."""
    return None if text == "never" else duration(ctx, param, text)


def metrics_file(ctx: click.Context, param: click.Parameter, path: str | None) -> str | None:
    """A path as node_exporter's textfile collector takes it: it reads `*.prom` and nothing else."""
    if path is None:
        return None
    if not path.endswith(".prom"):
        raise click.BadParameter(f"{path}: the name of a textfile ends with .prom")
    _folder(path)
    return path


def _folder(path: str) -> None:
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise click.BadParameter(f"{path}: the folder {folder} does not exist")
    if os.path.isdir(path):
        raise click.BadParameter(f"{path} is a folder: name a file")


def durations(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> tuple[float, ...]:
    """Several of them."""
    return tuple(duration(ctx, param, text) or 0.0 for text in given)


def standard_input(limit: int) -> str:
    """All of standard input, undecodable bytes kept.

    Raises: UsageError where it is larger than `limit` bytes.
    """
    data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise UsageError(f"standard input is larger than {limit:,} bytes: raise --max-file-size")
    return data.decode("utf-8", "surrogateescape")


def said_today() -> str | None:
    """The ISO date of SOURCE_DATE_EPOCH, which suppressions and pages then go by.

    Raises: UsageError where that is no time.
    """
    if not os.environ.get("SOURCE_DATE_EPOCH"):
        return None
    from lbcheck.history import moment

    return moment.rfc3339(moment.given(None, os.environ) or 0)[:10]


def today() -> str:
    """That date, else this machine's."""
    import time

    return said_today() or time.strftime("%Y-%m-%d")
