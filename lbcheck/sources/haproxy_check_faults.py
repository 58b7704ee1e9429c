"""HAProxy health-check statements that check nothing: overridden, orphaned, too late."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Effect, Ineffective, Setting
from lbcheck.sources.haproxy_check import Check
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_values import Found

_PARAMETERS = (
    "inter fastinter downinter rise fall port addr observe error-limit on-error on-marked-down "
    "check-ssl check-sni check-alpn check-proto check-send-proxy check-via-socks4"
).split()
_TIMING = frozenset(["check", "inter", "fastinter", "downinter", "fall", "rise", "port", "addr"])


def ineffective(check: Check) -> Iterator[Ineffective]:
    """Check statements of this backend that check nothing."""
    if check.doubtful or not check.servers:
        return
    section = check.section
    if late := _late_default(check):
        yield _record(late, section, "it acts on later lines only, and no server stands below it")
    found = check.type_found
    if check.overridden is not None and found is not None and check.type != "httpchk":
        yield Ineffective(
            Effect.CHECK_OVERRIDDEN,
            _setting(check.overridden),
            f"a proxy has one check type, and `option {check.type}` replaces it",
            found.place,
        )
    if found is not None and found.own and check.type == "httpchk" and not check.checked:
        yield _record(
            found, section, f"no server of `{section.name}` has `check`, so nothing is asked"
        )
    yield from _orphans(check)
    yield from _unused_parameters(check)


def _unused_parameters(check: Check) -> Iterator[Ineffective]:
    """What servers without a check say about it, on their lines or in the proxy's own
    `default-server`. An agent uses some of it, and `disabled` and `no-check` are no oversight.

    Measured on 2.6 and 2.8: `observe layer4` counts nothing, and `on-marked-down` acts only when
    somebody sets the server to maint.
    """
    if len(check.checked) == len(check.kinds):
        return
    section = check.section
    for server in check.kinds:
        facts = server.facts
        if facts.checked or server.unreadable or not _MEANT.isdisjoint(facts.values):
            continue
        reason = (
            f"`{server.statement.words[1]}` has no `check`, so nothing asks it, and only a person "
            "marks it down"
        )
        for name in _PARAMETERS:
            written = server.setting(name, section) if name in facts.values else None
            if written is not None and (name in facts.own or facts.base.places[name][0] is section):
                yield Ineffective(Effect.PARAMETERS_UNUSED, _as_object(written), reason)


_MEANT = frozenset(["agent-check", "disabled", "no-check"])


def _as_object(written: Setting[str]) -> Setting[object]:
    return Setting(written.name, written.value, written.origin, written.place)


def _orphans(check: Check) -> Iterator[Ineffective]:
    """Rules of a check type that is not in force, or that lost the request they inherit."""
    section = check.section
    for keyword, needed in (("http-check", "httpchk"), ("tcp-check", "tcp-check")):
        statements = section.all(keyword)
        if not statements or statements[0].maybe or check.overridden is not None:
            continue
        found = Found(section, statements[0], True)
        if check.type != needed:
            yield _record(found, section, f"`option {needed}` is missing")
        elif keyword == "http-check" and not check.request.sends and check.request.known:
            yield _record(
                found,
                section,
                f"the `http-check` rules of `{section.name}` replace the inherited request and "
                "send none: every check times out",
            )


def _late_default(check: Check) -> Found | None:
    section = check.section
    late = section.all("default-server")
    if not late or not _TIMING.intersection(late[-1].words):
        return None
    if late[-1].maybe or any(s.statement.start > late[-1].start for s in check.servers):
        return None
    return Found(section, late[-1], True)


def _record(found: Found, section: Section, reason: str) -> Ineffective:
    cause = section.place if found.own else None
    return Ineffective(Effect.CHECK_INEFFECTIVE, _setting(found), reason, cause)


def _setting(found: Found) -> Setting[object]:
    return Setting(_name(found.statement), " ".join(found.words[2:]), found.origin, found.place)


def _name(statement: Statement) -> str:
    words = statement.words
    return words[0] if words[0] == "default-server" else " ".join(words[:2])
