"""Any manifest is audited end to end: no crash, places inside the text, harmless output."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.anything import check
from tests.fuzz.test_any_text import NASTY
from tests.kubernetes.manifests import NLB, service
from tests.kubernetes.test_gateway import WHOLE
from tests.kubernetes.test_wellrun import INGRESSES

BOUNDED = settings(max_examples=60, derandomize=True, database=None)
EXAMPLES = [*INGRESSES.values(), WHOLE, service({f"{NLB}type": "nlb"}, "  type: LoadBalancer\n")]
PIECES = [
    *NASTY,
    "- ",
    ": ",
    "---\n",
    "&a ",
    "*a",
    "<<: *a\n",
    "!x ",
    "|\n",
    "[]",
    "{}",
    "null",
    "7",
    "true",
    "{a: b}",
    "'",
    "\t",
    "  ",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A manifest with pieces taken out and nasty ones put in."""
    text = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.sampled_from([0, 0, 1, 7, 40]))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + gone :]
    return text


@given(mutated())
@BOUNDED
def test_a_mutated_manifest(text: str) -> None:
    check("kubernetes", text)
