"""The pages about rules: one text, wherever it is shown."""

import os
import runpy

import pytest

from lbcheck import explain, symptoms
from lbcheck.finding import Severity
from lbcheck.model import Vendor
from lbcheck.rule import Example, Proof, Rule
from lbcheck.rules import ALL, BY_CODE

DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs")


def test_the_checked_in_pages_are_the_generated_ones() -> None:
    generator = runpy.run_path(os.path.join(DOCS, "generate.py"))
    assert generator["stale"]() == [], "run `make docs`"


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_every_page_says_what_why_how_and_how_to_silence(rule: Rule[object]) -> None:
    page = explain.page(rule)
    assert page.startswith(f"# {rule.code}: {rule.name}\n\n{rule.summary}\n")
    assert [line for line in page.split("\n") if line.startswith("## ")][:2] == [
        "## Why is this bad?",
        "## How to mend it",
    ]
    assert f"--ignore {rule.code}" in page
    assert page.endswith("\n")


def test_a_page_reads_like_this() -> None:
    rule: Rule[object] = Rule(
        code="LB301",
        name="idle-timeout-below-heartbeat",
        severity=Severity.ERROR,
        vendors=(Vendor.NGINX, Vendor.HAPROXY),
        summary="Silence ends it.",
        why="Because.",
        remedy="Raise it.",
        check=lambda subject, profile: iter(()),
        references=("https://nginx.org/en/docs/http/websocket.html",),
        examples=(Example(Vendor.NGINX, "bad 1;\n", "good 1;\n", profile="socketio-v4"),),
        proven=(Proof("nginx", "1.31.3"), Proof("haproxy", "2.8.25")),
        fixable="safe",
    )
    assert explain.page(rule) == (
        """\
# LB301: idle-timeout-below-heartbeat

Silence ends it.

- Severity: error
- Family: idle (does silence end a connection?)
- For: nginx, HAProxy
- Fix: a safe fix is offered

## Why is this bad?

Because.

## How to mend it

Raise it.

## Examples

### nginx: reported with profile `socketio-v4`

```nginx
bad 1;
```

### nginx: healthy

```nginx
good 1;
```

## Proof

Proven on nginx 1.31.3; HAProxy 2.8.25: the symptom was seen there, \
and seen gone after the remedy.
`lbcheck rules prove LB301` shows it on the proxies of your machine.

## References

- <https://nginx.org/en/docs/http/websocket.html>

## How to silence it

On the line, the line above, or the opening line of a block (the reason is needed, \
the date is wise):

```
# lbcheck: ignore[LB301] until=2027-01-31 reason="..."
```

For a whole run: `--ignore LB301`. In a profile: `rules: {LB301: off}`, or another severity.
"""
    )


def test_a_status_is_explained_with_the_rules_that_find_its_causes() -> None:
    assert symptoms.page(505, frozenset({"LB103"})) == (
        "# Status 505 on a WebSocket\n\n"
        "## websockets 17\n\n"
        "HTTP/1.0 to the target, nginx's default before 1.29.7.\n\n"
        "Found by: LB103\n"
    )


def test_rules_that_do_not_exist_are_not_named() -> None:
    assert "Found by" not in symptoms.page(505, frozenset())


@pytest.mark.parametrize("code", symptoms.SYMPTOMS)
def test_every_symptom_has_a_page(code: int) -> None:
    kind = "Close code" if code >= 1000 else "Status"
    assert symptoms.page(code, frozenset(BY_CODE)).startswith(f"# {kind} {code} on a WebSocket\n")
