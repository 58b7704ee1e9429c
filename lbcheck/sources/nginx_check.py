"""Active health checks: NGINX Plus `health_check`, Angie `upstream_probe`, Tengine `check`.

Open-source nginx knows none of them (1.31.3: `unknown directive "health_check"`), but `check` where
nginx_upstream_check_module was built into it, which a file does not show.
"""

from __future__ import annotations

from msgspec.structs import replace

from lbcheck.model import (
    CheckKind,
    Declared,
    Effect,
    HealthCheck,
    Ineffective,
    Origin,
    Setting,
    StatusSet,
)
from lbcheck.sources import nginx_time
from lbcheck.sources.nginx_scope import span
from lbcheck.sources.nginx_syntax import Directive

STATEMENTS = frozenset({"check", "check_http_send", "check_http_expect_alive"})
_EDITIONS = {"health_check": "plus", "upstream_probe": "angie", "check": "tengine"}
_NAMES = {"oss": "open-source nginx", "plus": "NGINX Plus", "angie": "Angie", "tengine": "Tengine"}
_CLASSES = {f"http_{n}xx": (n * 100, n * 100 + 99) for n in range(1, 6)}


def active(
    probe: Directive | None,
    inner: list[Directive],
    blocks: dict[str, Directive],
    declared: Declared,
    passive: HealthCheck,
) -> tuple[HealthCheck, tuple[Ineffective, ...]]:
    """The check that is performed, and the statements that do nothing in this edition.

    Args: probe: `health_check` or `upstream_probe` of a location that leads here; inner: the
    upstream's statements; blocks: `match` blocks by name.
    """
    check = next((d for d in inner if d.name == "check"), None)
    statement = probe or check
    if statement is None:
        return passive, ()
    wanted = _EDITIONS[statement.name]
    edition = declared.nginx_edition or wanted  # nginx refuses loudly what it does not know
    built_in = wanted == "tengine" and edition == "oss"
    if edition != wanted and not built_in:
        reason = f"only {_NAMES[wanted]} knows it, and {_NAMES[edition]} runs here"
        setting: Setting[object] = Setting(statement.name, None, Origin.SET, span(statement))
        return passive, (Ineffective(Effect.CHECK_INEFFECTIVE, setting, reason),)
    found = _tengine(statement, inner) if wanted == "tengine" else _plus(statement, blocks)
    return replace(found, gaps=_gaps(found, statement, inner)), ()


def _gaps(found: HealthCheck, statement: Directive, inner: list[Directive]) -> tuple[str, ...]:
    """What the documentation of the edition asks for beside the statement itself."""
    if statement.name == "check":
        return ("type=http",) if found.kind is CheckKind.CONNECT else ()
    gaps = []
    if found.kind is CheckKind.HTTP and found.path is not None:
        judged = not {"match", "test"}.isdisjoint(_parameters(statement))
        gaps += [] if judged or found.path.origin is Origin.SET else ["uri"]
    names = {each.name for each in inner}
    if names and names.isdisjoint({"zone", "include"}):
        gaps.append("zone")
    waits = "mandatory" if statement.name == "health_check" else "essential"
    return (*gaps, *(() if waits in statement.args else (waits,)))


def _parameters(statement: Directive) -> dict[str, str]:
    return dict(arg.split("=", 1) for arg in statement.args if "=" in arg)


def _plus(statement: Directive, blocks: dict[str, Directive]) -> HealthCheck:
    """Defaults of ngx_http_upstream_hc_module: every 5s, 1 failure, 1 pass, `/`, 2xx and 3xx;
    Angie's `upstream_probe` has the same, with `test=` for what is accepted."""
    given = _parameters(statement)
    place = span(statement)
    if "type" in given or given.get("port", "").startswith("$"):
        return HealthCheck(CheckKind.OTHER, place)

    def setting(name: str, default: str) -> Setting[str]:
        return Setting(
            name, given.get(name, default), Origin.SET if name in given else Origin.DEFAULT, place
        )

    interval = nginx_time.seconds(given.get("interval", "5s"))
    accepts = _accepts(blocks.get(given.get("match", "")), statement)
    custom = "test" in given or ("match" in given and accepts is None)
    standard = Setting("match", StatusSet(((200, 399),), "2xx, 3xx"), Origin.DEFAULT, place)
    return HealthCheck(
        CheckKind.HTTP,
        place,
        method=Setting("health_check", "GET", Origin.DEFAULT, place),
        path=setting("uri", "/"),
        port=setting("port", "") if "port" in given else None,
        accepts=accepts or (None if custom else standard),
        interval=None
        if interval is None
        else Setting("interval", interval, setting("interval", "").origin, place),
        rise=_count(setting("passes", "1")),
        fall=_count(setting("fails", "1")),
    )


def _count(setting: Setting[str]) -> Setting[int] | None:
    if not setting.value.isdigit():
        return None
    return Setting(setting.name, int(setting.value), setting.origin, setting.place)


def _accepts(block: Directive | None, statement: Directive) -> Setting[StatusSet] | None:
    status = next((d for d in (block.block if block else None) or () if d.name == "status"), None)
    if status is None or status.args[:1] == ("!",):
        return None
    ranges = []
    for arg in status.args:
        low, _, high = arg.partition("-")
        if not low.isdigit() or not (high or low).isdigit():
            return None
        ranges.append((int(low), int(high or low)))
    return Setting(
        "status", StatusSet(tuple(ranges), " ".join(status.args)), Origin.SET, span(status)
    )


def _tengine(statement: Directive, inner: list[Directive]) -> HealthCheck:
    """Defaults of ngx_http_upstream_check_module: 30s, fall 5, rise 2, timeout 1s, type tcp."""
    given = _parameters(statement)
    place = span(statement)
    kind = given.get("type", "tcp")
    if kind not in ("tcp", "http"):
        return HealthCheck(CheckKind.OTHER, place)

    def number(name: str, default: str) -> Setting[int]:
        text = given.get(name, default)
        origin = Origin.SET if name in given else Origin.DEFAULT
        return Setting(name, int(text) if text.isdigit() else int(default), origin, place)

    interval, timeout = number("interval", "30000"), number("timeout", "1000")
    send = next((d for d in inner if d.name == "check_http_send" and d.args), None)
    words = send.args[0].split() if send else ["GET", "/", "HTTP/1.0"]
    alive = next((d for d in inner if d.name == "check_http_expect_alive" and d.args), None)
    codes = alive.args if alive else ("http_2xx", "http_3xx")
    ranges = tuple(_CLASSES[code] for code in codes if code in _CLASSES)
    origin, spoken = (Origin.SET, span(alive)) if alive else (Origin.DEFAULT, place)
    http = kind == "http"
    return HealthCheck(
        CheckKind.HTTP if http else CheckKind.CONNECT,
        place,
        path=Setting("check_http_send", words[1], Origin.SET, span(send) if send else place)
        if http and len(words) > 1
        else None,
        accepts=Setting(
            "check_http_expect_alive", StatusSet(ranges, " ".join(codes)), origin, spoken
        )
        if http
        else None,
        interval=Setting("interval", interval.value / 1000, interval.origin, place),
        timeout=Setting("timeout", timeout.value / 1000, timeout.origin, place),
        rise=number("rise", "2"),
        fall=number("fall", "5"),
    )
