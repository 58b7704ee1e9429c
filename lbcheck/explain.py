"""The only text about a rule, as Markdown: shown by `explain`, in docs/rules and in SARIF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lbcheck.model import Vendor
from lbcheck.rule import Example, Family, Proof, Rule

_VENDOR = {Vendor.NGINX: "nginx", Vendor.HAPROXY: "HAProxy", Vendor.AWS: "AWS"}
_LANGUAGE = {Vendor.NGINX: "nginx", Vendor.HAPROXY: "haproxy", Vendor.AWS: "json"}
_KINDS = {
    "cloudformation": ("CloudFormation", "yaml"),
    "kubernetes": ("Kubernetes", "yaml"),
    "terraform": ("Terraform", "hcl"),
}
"""forms of configuration that are no vendor's own"""
_FAMILY = {
    "upgrade": "does the handshake reach the target?",
    "health": "can the balancer tell a dead target?",
    "idle": "does silence end a connection?",
    "drain": "where do new connections go?",
    "balance": "stickiness, balance and capacity",
    "chain": "several balancers in a row",
    "live": "what a probe saw",
    "lbcheck": "lbcheck itself",
}
UNPROVEN = "documented, not proven"
_FIXABLE = {
    "safe": "a safe fix is offered",
    "unsafe": "a fix is offered that needs a look",
    "no": "mended by hand",
}


def page(rule: Rule[Any]) -> str:
    """Everything about a rule, as a Markdown page that ends with a line end."""
    return "\n\n".join(_sections(rule)) + "\n"


def _sections(rule: Rule[Any]) -> Iterator[str]:
    yield f"# {rule.code}: {rule.name}"
    yield rule.summary
    yield "\n".join(_facts(rule))
    yield f"## Why is this bad?\n\n{rule.why}"
    yield f"## How to mend it\n\n{rule.remedy}"
    if rule.examples:
        yield "## Examples"
        for example in rule.examples:
            yield from _example(example)
    yield f"## Proof\n\n{_proof(rule)}"
    if rule.references:
        yield "## References\n\n" + "\n".join(f"- <{link}>" for link in rule.references)
    yield f"## How to silence it\n\n{_silence(rule)}"


def _facts(rule: Rule[Any]) -> Iterator[str]:
    family = rule.family.value
    yield f"- Severity: {rule.severity.value}"
    yield f"- Family: {family} ({_FAMILY[family]})"
    if rule.vendors:
        yield f"- For: {', '.join(_VENDOR[vendor] for vendor in rule.vendors)}"
    if rule.check is not None:
        yield f"- Fix: {_FIXABLE[rule.fixable]}"


def _example(example: Example) -> Iterator[str]:
    vendor, language = _VENDOR[example.vendor], _LANGUAGE[example.vendor]
    if example.kind:
        vendor, language = _KINDS[example.kind]
    judged = "" if example.profile == "default" else _judged(example.profile)
    yield f"### {vendor}: reported{judged}\n\n```{language}\n{example.bad.rstrip()}\n```"
    if example.here:
        yield "Reported: " + ", ".join(f"`{place}`" for place in example.here)
    yield f"### {vendor}: healthy\n\n```{language}\n{example.good.rstrip()}\n```"


def _judged(profile: str) -> str:
    if "\n" not in profile and ":" not in profile:
        return f" with profile `{profile}`"
    return " with the profile `" + "; ".join(profile.split("\n")).strip("; ") + "`"


def _proof(rule: Rule[Any]) -> str:
    if rule.check is None:
        who = "`lbcheck probe`" if rule.family is Family.LIVE else "lbcheck"
        return f"{who} raises this itself; its tests prove it."
    if not rule.proven:
        return f"*{UNPROVEN.capitalize()}* by an experiment of lbcheck's own."
    shown = {proof.proxy for proof in rule.proven}
    others = [_VENDOR[vendor] for vendor in rule.vendors if vendor.value not in shown]
    return (
        f"Proven on {versions(rule.proven)}: the symptom was seen there, and seen gone after the "
        f"remedy.\n`lbcheck rules prove {rule.code}` shows it on the proxies of your machine."
        + (f"\n{' and '.join(others)}: {UNPROVEN}." if others else "")
    )


def versions(proofs: Iterable[Proof]) -> str:
    """Proxies and their versions as people write them: nginx 1.22.1, 1.31.3; HAProxy 2.8.25."""
    by_proxy: dict[str, list[str]] = {}
    for proof in proofs:
        by_proxy.setdefault(_VENDOR[Vendor(proof.proxy)], []).append(proof.version)
    return "; ".join(f"{proxy} {', '.join(seen)}" for proxy, seen in by_proxy.items())


def _silence(rule: Rule[Any]) -> str:
    if rule.check is None:
        return f"For a whole run: `--ignore {rule.code}`."
    everywhere = (
        f"For a whole run: `--ignore {rule.code}`. "
        f"In a profile: `rules: {{{rule.code}: off}}`, or another severity."
    )
    if rule.vendors == (Vendor.AWS,):
        return everywhere
    comment = f'# lbcheck: ignore[{rule.code}] until=2027-01-31 reason="..."'
    return (
        "On the line, the line above, or the opening line of a block (the reason is needed, "
        f"the date is wise):\n\n```\n{comment}\n```\n\n{everywhere}"
    )
