"""Options of commands that audit which ask what is running, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.cli import values
from lbcheck.cli.flags import add_options
from lbcheck.errors import UsageError

if TYPE_CHECKING:
    from lbcheck.probe.access import Access
    from lbcheck.runtime.where import Where
    from lbcheck.trial.looked import Request

Command = TypeVar("Command", bound=Callable[..., object])

_HOW = ("idle", "header", "bearer", "ca", "resolve")


def live(command: Command) -> Command:
    """Decorate a command with the options about what is running."""
    return add_options(command, _OPTIONS)


_OPTIONS = (
    click.option(
        "--live",
        multiple=True,
        metavar="URL|haproxy=ADDRESS|nginx-plus=URL",
        help="Try findings on the service at a URL; ask a proxy for its targets. Repeatable.",
    ),
    click.option(
        "--live-idle",
        metavar="TIME",
        callback=values.duration,
        help="Wait so long (90s) for silence to be cut, to try idle timeouts, too.",
    ),
    click.option(
        "--live-header",
        multiple=True,
        metavar="NAME:VALUE",
        help="Send a header to the service. Repeatable.",
    ),
    click.option(
        "--live-bearer",
        metavar="TOKEN",
        help="Send a token to the service; better as LBCHECK_LIVE_BEARER.",
    ),
    click.option("--live-ca", metavar="FILE", help="Trust the certificates in this PEM file, too."),
    click.option(
        "--live-resolve",
        multiple=True,
        metavar="HOST:PORT:ADDRESS",
        help="Ask this address instead of looking the host up. Repeatable.",
    ),
)  # fmt: skip


def asked_live(asked: dict[str, Any]) -> tuple[tuple[Where, ...], Request | None]:
    """The running proxies to be asked, and the services to be tried.

    Raises: UsageError for what names neither, and for options that have no effect.
    """
    known = {text: _process(text) for text in dict.fromkeys(asked["live"])}
    processes = tuple(where for where in known.values() if where is not None)
    urls = [text for text, where in known.items() if where is None]
    if not urls and (vain := [name for name in _HOW if asked[f"live_{name}"]]):
        raise UsageError(f"--live-{vain[0]} says how to try a service: add --live URL")
    return processes, _request(urls, asked) if urls else None


def asks_process(asked: dict[str, Any]) -> bool:
    """Is a running proxy asked? It is something to audit; a service by itself holds no finding."""
    return any(map(_named_process, asked["live"]))


def _named_process(text: str) -> bool:
    """Does a value of `--live` name a proxy, and no service?"""
    return text.startswith(("haproxy=", "nginx-plus="))


def _process(text: str) -> Where | None:
    from lbcheck.secret import told

    if not _named_process(text):
        if "=" in text.partition("://")[0]:
            raise UsageError(f"--live {told(text)}: write URL, haproxy=ADDRESS or nginx-plus=URL")
        return None
    from lbcheck.runtime.where import parsed

    return parsed(text)


def _request(urls: Iterable[str], asked: dict[str, Any]) -> Request:
    from lbcheck.cli.probe import watching
    from lbcheck.probe.urls import shown
    from lbcheck.secret import told
    from lbcheck.trial.looked import Request, service

    return Request(
        tuple(service(url, told(shown(url))) for url in urls),
        _access(asked),
        watching,
        asked["live_idle"],
    )


def _access(asked: dict[str, Any]) -> Access:
    from lbcheck.cli.probe_options import access

    given = {name: asked[f"live_{name}"] for name in ("header", "bearer", "ca", "resolve")}
    unused = dict.fromkeys(("basic", "cert", "key", "unix_socket"))
    usual = {"cookie": (), "proxy": False, "timeout": 10.0, "rate": 5.0}
    try:
        return access({**given, **unused, **usual})
    except UsageError as error:
        raise UsageError(str(error).replace("--", "--live-", 1)) from None
