"""Fleets for tests: one configuration's proxies many times over, and what is said of them."""

import re

SECTION = re.compile(
    r"(?m)^[ \t]*(global|defaults|frontend|backend|listen|resolvers|peers|userlist|cache|ring"
    r"|mailers|program|http-errors)(?![^\s#])[ \t]*([A-Za-z0-9_.:-]*)"
)
PROXIES = ("frontend", "backend", "listen")


def fleet(text: str, tenants: int, addresses: bool) -> str:
    """A configuration with its proxies many times, each time under names of their own.

    Args: addresses: are those their own as well? On the loopback nothing would be left out.
    """
    text = text.replace("127.0.0.1", "10.0.0.1")
    openings = [*SECTION.finditer(text)]
    first = next((m.start() for m in openings if m[1] in PROXIES), len(text))
    head, proxies = text[:first], text[first:]
    names = sorted({m[2] for m in openings if m[1] in PROXIES and m[2]}, key=len, reverse=True)
    copies = (_copy(proxies, names, number, addresses) for number in range(tenants))
    return head + "".join(copies)


def _copy(proxies: str, names: list[str], number: int, addresses: bool) -> str:
    for name in names:
        proxies = re.sub(
            rf"(?<![A-Za-z0-9_.:/-]){re.escape(name)}(?![A-Za-z0-9_.:-])",
            f"{name}-{100 + number}",
            proxies,
        )
    if addresses:
        proxies = re.sub(r"\b(\d+\.\d+\.\d+)\.(\d)\b", rf"\1.{100 + number}", proxies)
    return proxies if proxies.endswith("\n") else proxies + "\n"
