"""What must hold for any text whatever: one audit of it, end to end, and what is checked of it."""

import io
import json
from contextlib import redirect_stderr

from lbcheck import profiles
from lbcheck.audit import Limits, Report, report
from lbcheck.finding import Confidence
from lbcheck.model import Declared, Source
from lbcheck.reporters import FORMATS, Style, render
from lbcheck.run import suppressions
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files

PROFILE = profiles.load(("default",), {})
DECLARED = Declared(websocket_paths=("/ws",), health_path="/health")
CRASHED = "LB902"
_LIMITS = Limits(min_confidence=Confidence.POSSIBLE)


def audited(kind: str, text: str) -> Report:
    """The report about one text in memory, read, resolved and judged by every rule."""
    source = Source(f"any.{kind}", kind, text, None)
    files = Files(folder="/nonexistent")
    topology = read(Wanted(extra=(files.adopt(source),)), files, DECLARED)
    ignores, mistakes = suppressions(topology.sources)
    return report(
        topology,
        PROFILE,
        limits=_LIMITS,
        suppressions=ignores,
        mistakes=mistakes,
        today="2027-01-01",
    )


def check(kind: str, text: str) -> Report:
    """Audit a text and hold the result to its promises. Raises: AssertionError."""
    errors = io.StringIO()
    with redirect_stderr(errors):
        found = audited(kind, text)
    assert errors.getvalue() == ""
    for finding in found.findings:
        assert finding.code != CRASHED, finding.message
        _inside(finding.location.source, finding.location.line, finding.location.column)
        _inside(finding.location.source, finding.location.end_line, finding.location.end_column)
        for edit in finding.fix.edits if finding.fix else ():
            assert 0 <= edit.start <= edit.end <= len(edit.source.text or "")
    for source in found.sources:
        for trouble in source.troubles:
            assert 0 <= trouble.start <= trouble.end <= len(source.text or ""), trouble
    if not found.complete:
        assert found.exit_code in (1, 3)
    for form in FORMATS:
        harmless(form, render(form, found, Style(runner=True, today="2027-01-01")))
    return found


def _inside(source: Source, line: int | None, column: int | None) -> None:
    assert source.text is not None
    assert line is not None
    assert column is not None
    assert 1 <= line <= len(source.starts)
    assert 1 <= column <= len(source.line(line)) + 2


def harmless(form: str, output: str) -> None:
    """No output obeys a configuration: not in a terminal, not in a runner, not in a parser."""
    output.encode()
    assert all(c == "\n" or c.isprintable() for c in output), [
        c for c in output if c != "\n" and not c.isprintable()
    ]
    assert "##[" not in output
    if form in ("json", "sarif", "gitlab"):
        json.loads(output)
    if form == "github":
        assert all(line.startswith("::") for line in output.splitlines())
    else:
        assert not any(line.lstrip().startswith("::") for line in output.split("\n"))
