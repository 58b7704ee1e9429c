"""Any text is audited end to end: no crash, places inside the text, harmless output."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbcheck.rules import ALL
from tests.fuzz.anything import check
from tests.readers.terraform_text import CHAIN
from tests.readers.test_terraform import RULE
from tests.readers.test_terraform_alb_module import NEW, OLD
from tests.readers.test_terraform_values import WORLD as VALUES

KINDS = ("nginx", "haproxy", "terraform")
BOUNDED = settings(max_examples=60, derandomize=True, database=None)
EXAMPLES = {
    kind: [e.bad for rule in ALL for e in rule.examples if (e.kind or e.vendor.value) == kind]
    for kind in KINDS
}
EXAMPLES["terraform"] += [NEW, OLD, CHAIN + RULE, VALUES]
NASTY = [
    "{",
    "}",
    ";",
    '"',
    "'",
    "\\",
    "#",
    "\n",
    "\x1b[31m",
    "\u202e",
    "\udce9",
    "::error::x",
    "##[error]",
    "<script>",
    "{{ x }}",
    "${X",
    ".if 1\n",
    "\r",
    "\ufeff",
    "# lbcheck: ignore[",
    "# lbcheck: ignore[LB301] until=2027-13-99 reason=",
]


@st.composite
def mutated(draw: st.DrawFn, kind: str) -> str:
    """An example of a rule with pieces taken out and nasty ones put in."""
    text = draw(st.sampled_from(EXAMPLES[kind]))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.sampled_from([0, 0, 1, 7, 40]))
        text = text[:at] + draw(st.sampled_from(NASTY)) + text[at + gone :]
    return text


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_examples_keep_every_promise(kind: str) -> None:
    BOUNDED(given(mutated(kind))(lambda text: check(kind, text) and None))()


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_keeps_every_promise(kind: str) -> None:
    BOUNDED(given(st.text(max_size=300))(lambda text: check(kind, text) and None))()
