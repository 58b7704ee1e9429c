"""Options of `lbcheck probe` about targets and their health checks, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.cli import values
from lbcheck.cli.flags import add_options
from lbcheck.cli.output import complain
from lbcheck.cli.probe_options import AUTO, sendable
from lbcheck.durations import human
from lbcheck.errors import SourceError, UsageError
from lbcheck.model import StatusSet
from lbcheck.probe.access import MAX_CONNECTIONS
from lbcheck.probe.health import Check
from lbcheck.probe.ladder import LONGEST_S, window
from lbcheck.profile import Profile

if TYPE_CHECKING:
    from lbcheck.model import Topology

Command = TypeVar("Command", bound=Callable[..., object])


def tested(command: Command) -> Command:
    """Decorate a command with the options that say what else is looked at."""
    return add_options(command, _TESTS)


_TESTS = (
    click.option(
        "--target",
        multiple=True,
        metavar="HOST:PORT",
        help="Compare this target's health check with its WebSocket. Repeatable.",
    ),
    click.option("--health", metavar="PATH", help="The check's path.  [default: the profile's]"),
    click.option(
        "--health-method",
        type=click.Choice(["GET", "HEAD", "OPTIONS"]),
        default="GET",
        show_default=True,
        help="The check's method.",
    ),
    click.option(
        "--health-host", metavar="NAME", help="The check's Host.  [default: the target's address]"
    ),
    click.option(
        "--health-status",
        metavar="STATUSES",
        default="200-399",
        show_default=True,
        help="What the check takes for healthy, such as 200,204 or 200-299.",
    ),
    click.option(
        "--health-http",
        type=click.Choice(["1.0", "1.1"]),
        default="1.1",
        show_default=True,
        help="The check's version of HTTP.",
    ),
    click.option(
        "--checks",
        multiple=True,
        metavar="PATH",
        help="Take targets and checks from this configuration instead. Repeatable.",
    ),
)  # fmt: skip


def named(asked: dict[str, Any], profile: Profile) -> list[tuple[str, Check]]:
    """The targets of --target, each with the check that the options describe.

    Raises: UsageError for what is no check.
    """
    if not asked["target"]:
        if asked["health"] is not None and asked["reconnect"] != "health":
            raise UsageError("--health is asked of targets: add --target HOST:PORT")
        return []
    path = asked["health"] or profile.health.path
    if path is None or not re.fullmatch(r"/[!-~]*+", path):
        raise UsageError("--target needs the path of its health check, such as --health /healthz")
    host = asked["health_host"] and sendable(asked["health_host"], "--health-host")
    accepts = _statuses(asked["health_status"])
    check = Check(path, asked["health_method"], host, accepts, asked["health_http"])
    return [(target, check) for target in asked["target"]]


def configured(asked: dict[str, Any], topology: Topology | None) -> Iterator[tuple[str, Check]]:
    """The targets and checks of --checks; those that cannot be compared are told.

    Raises:
        UsageError: too many targets to be polite.
        SourceError: there is nothing to compare.
    """
    if not asked["checks"] or topology is None:
        return
    from lbcheck import configured

    found = dict(configured.checks(topology.pools))
    for address, check in found.items():
        if isinstance(check, str):
            complain(f"{address}: not compared: {check}")
    known = {address: check for address, check in found.items() if isinstance(check, Check)}
    if not known and asked["idle"] == AUTO:
        return
    if not known:
        where = ", ".join(asked["checks"])
        raise SourceError(f"{where}: no target with a health check that can be repeated")
    if len(known) > MAX_CONNECTIONS:
        raise UsageError(f"--checks: {len(known)} targets, more than {MAX_CONNECTIONS} at a time")
    yield from known.items()


def window_s(asked: dict[str, Any], topology: Topology | None) -> float | None:
    """How long WebSockets are held: as --idle says, or longer than the audited idle timeouts.

    Raises: SourceError: there are none that can be waited for.
    """
    if asked["idle"] != AUTO or topology is None:
        return asked["idle"]  # type: ignore[no-any-return]
    from lbcheck import configured

    timeouts = configured.idle_timeouts(topology.routes)
    known = ", ".join(map(human, timeouts)) or "none"
    chosen_s = window(timeouts)
    if chosen_s is None:
        raise SourceError(
            f"--idle auto: no idle timeout of at most {human(LONGEST_S)} is known ({known}): say "
            "how long with --idle TIME"
        )
    complain(f"--idle {human(chosen_s)}: the audited idle timeouts are {known}")
    return chosen_s


def audited(asked: dict[str, Any]) -> Topology | None:
    """What the files of --checks are, or, for --idle auto, those of the configuration file; None:
    none are asked for. That not all of it could be read is told.

    Raises: UsageError: --idle auto, and nothing is named to take it from.
    """
    said = click.get_current_context().default_map or {}
    auto = asked["idle"] == AUTO
    paths = asked["checks"] or (tuple(said.get("paths") or ()) if auto else ())
    if not paths:
        if auto:
            raise UsageError("--idle auto: name the configuration in force with --checks PATH")
        return None
    from lbcheck import run

    params = values.pairs(asked["param"], "--param")
    options = run.Options(profiles=asked["profile"] or ("default",), params=params)
    report, topology = run.audited(paths, options)
    if not report.complete:
        complain(f"not everything could be read in {', '.join(paths)}")
    return topology


def _statuses(text: str) -> StatusSet:
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?+", part.strip())
        if match is None:
            raise UsageError(f"--health-status {text}: write statuses such as 200,204 or 200-299")
        ranges.append((int(match[1]), int(match[2] or match[1])))
    return StatusSet(tuple(ranges), text)
