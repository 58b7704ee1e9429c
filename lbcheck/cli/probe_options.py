"""Options of `lbcheck probe` that say how services are reached and held, and what they mean."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from lbcheck.cli import values
from lbcheck.cli.flags import add_options
from lbcheck.errors import UsageError
from lbcheck.probe.access import MAX_CONNECTIONS, Access, is_address
from lbcheck.probe.ladder import intervals

Command = TypeVar("Command", bound=Callable[..., object])

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
AUTO = "auto"
_OWN = ("connection", "upgrade", "content-length", "transfer-encoding")


def _window(ctx: click.Context, param: click.Parameter, text: str | None) -> float | str | None:
    return text if text == AUTO else values.duration(ctx, param, text)


def reached(command: Command) -> Command:
    """Decorate a command with the options of `access`, in this order."""
    return add_options(command, _OPTIONS)


_OPTIONS = (
    click.option(
        "--idle",
        metavar="TIME|auto",
        callback=_window,
        help="Hold WebSockets for so long (90s), one silent and the others with pings; auto: for "
        "longer than the idle timeouts of --checks.",
    ),
    click.option(
        "--ping",
        multiple=True,
        metavar="TIME",
        callback=values.durations,
        help="An interval of pings to try. Repeatable.  [default: those in use]",
    ),
    click.option(
        "--header", multiple=True, metavar="NAME:VALUE", help="Send a header. Repeatable."
    ),
    click.option(
        "--cookie", multiple=True, metavar="NAME=VALUE", help="Send a cookie. Repeatable."
    ),
    click.option(
        "--basic", metavar="USER:PASSWORD", help="Send a password; better as LBCHECK_BASIC."
    ),
    click.option("--bearer", metavar="TOKEN", help="Send a token; better as LBCHECK_BEARER."),
    click.option("--ca", metavar="FILE", help="Trust the certificates in this PEM file, too."),
    click.option("--cert", metavar="FILE", help="Show this client certificate (PEM)."),
    click.option("--key", metavar="FILE", help="Its key, where that is another file."),
    click.option(
        "--resolve",
        multiple=True,
        metavar="HOST:PORT:ADDRESS",
        help="Ask this address instead of looking the host up. Repeatable.",
    ),
    click.option("--unix-socket", metavar="PATH", help="Ask this Unix socket instead."),
    click.option(
        "--proxy", is_flag=True, help="Go through the proxy that the environment names (wss only)."
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, 600, min_open=True),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="For an answer.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0, 1000, min_open=True),
        default=5.0,
        show_default=True,
        metavar="NUMBER",
        help="New connections a second, at most.",
    ),
)  # fmt: skip


def access(asked: dict[str, Any], connections: int = MAX_CONNECTIONS) -> Access:
    """What the options say, for so many connections at a time.

    Raises: UsageError for a value that cannot be sent.
    """
    if asked["key"] and not asked["cert"]:
        raise UsageError("--key belongs to a certificate: add --cert")
    return Access(
        headers=tuple(_headers(asked)),
        ca=asked["ca"],
        certificate=asked["cert"],
        key=asked["key"],
        resolve=dict(map(_resolved, asked["resolve"])),
        unix=asked["unix_socket"],
        proxy=asked["proxy"],
        timeout_s=asked["timeout"],
        rate=asked["rate"],
        connections=max(connections, MAX_CONNECTIONS),
    )


def pings(asked: dict[str, Any], window_s: float | None, targets: int) -> tuple[float, ...]:
    """The ping intervals to try in a window.

    Raises: UsageError for more connections at a time than are polite.
    """
    if window_s is None:
        if asked["ping"] and asked["drain"] is None and asked["drain_command"] is None:
            raise UsageError("--ping is tried while WebSockets are held: add --idle TIME")
        return ()
    tried = asked["ping"] or intervals(window_s)
    if len(tried) + targets + 1 >= MAX_CONNECTIONS:  # the silent one and the one without a pong
        raise UsageError(f"--idle: no more than {MAX_CONNECTIONS} WebSockets are held at a time")
    return tuple(sorted(set(tried)))


def _headers(asked: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if asked["basic"] and asked["bearer"]:
        raise UsageError("--basic and --bearer are two passwords for one header")
    for text in asked["header"]:
        yield _header(text)
    if asked["cookie"]:
        yield "Cookie", sendable("; ".join(asked["cookie"]), "--cookie")
    if asked["basic"]:
        yield "Authorization", f"Basic {base64.b64encode(asked['basic'].encode()).decode()}"
    if asked["bearer"]:
        yield "Authorization", f"Bearer {sendable(asked['bearer'], '--bearer')}"


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(TOKEN, name):
        said = f" {name[:80]}" if colon else ""  # without one it may be all value
        raise UsageError(f"--header{said}: write NAME:VALUE")
    if name.lower() in _OWN or name.lower().startswith("sec-websocket-"):
        raise UsageError(f"--header {name}: this one is the handshake's own")
    return name, sendable(value.strip(), f"--header {name}")


def sendable(value: str, option: str) -> str:
    """A header's value; a secret is not told again where it is wrong."""
    if not value.isascii() or not value.isprintable():
        raise UsageError(f"{option}: a header takes printable ASCII characters only")
    return value


def _resolved(text: str) -> tuple[str, str]:
    host, _, rest = text.partition(":")
    port, _, address = rest.partition(":")
    address = address.strip("[]")
    if not host or not port.isdecimal() or not is_address(address):
        raise UsageError(f"--resolve {text}: write HOST:PORT:ADDRESS")
    return f"{host.lower()}:{int(port)}", address
