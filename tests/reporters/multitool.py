"""Let Microsoft's SARIF Multitool judge our logs, with its rules for GitHub (`make sarif`).

It ends with 0 whatever it finds, so its words are read: how many logs it has seen, and what it says
of each, warnings too. One log is broken on purpose; a tool that says nothing of it does not judge.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from lbcheck.finding import Location
from lbcheck.reporters import Style, render
from lbcheck.run import Options, run
from tests.reporters import reports, test_every_format, test_sarif

ROOT = pathlib.Path(__file__).parents[2]
RULES = "Sarif;Ghas"
BROKEN = "broken-on-purpose"


def logs() -> dict[str, str]:
    """Name -> log: real audits, and every kind of content that a report can have."""
    os.chdir(ROOT)
    service = reports.source(None, "wss://chat.example:8443/ws?a=b", "live")
    snapshot = Options(snapshots=("examples/aws-state.json",))
    return {
        "everything": json.dumps(test_sarif.everything()),
        "hostile": _log(test_every_format.hostile()),
        "service": _log(reports.finding(Location(service, resource="handshake"), code="LB711")),
        "nothing": _log(),
        "examples": render("sarif", run(["examples"]), Style()),
        "snapshot": render("sarif", run([], snapshot), Style()),
        BROKEN: _log(reports.chat()).replace('"startLine"', '"startsAt"'),
    }


def _log(*findings: object) -> str:
    return render("sarif", reports.report(*findings), Style())


def judge(tool: str, told: dict[str, str]) -> list[str]:
    """What the tool says of the logs, a line each."""
    with tempfile.TemporaryDirectory() as folder:
        for name, log in told.items():
            pathlib.Path(folder, f"{name}.sarif").write_text(log, encoding="utf-8")
        judged = subprocess.run(
            [tool, "validate", *(f"{name}.sarif" for name in told), "--rule-kind", RULES],
            cwd=folder,
            # .NET starts without ICU only when it is told to
            env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
            capture_output=True,
            text=True,
        )
    said = judged.stdout + judged.stderr
    if f"Done. {len(told)} files scanned." not in said or "completed successfully" not in said:
        raise SystemExit(
            f"the tool did not judge {len(told)} logs (exit {judged.returncode}):\n{said}"
        )
    return re.findall(r"(?m)^.*: (?:error|warning|note) [A-Z0-9]+: .*$", said)


def main(tool: str) -> int:
    told = logs()
    complaints = judge(tool, told)
    honest = [line for line in complaints if BROKEN not in line]
    if len(honest) == len(complaints):
        raise SystemExit("the tool finds nothing in a log without lines: it does not judge")
    sys.stdout.write("".join(f"{line}\n" for line in honest))
    sys.stdout.write(f"{len(told) - 1} SARIF logs judged, {len(honest)} complaints\n")
    return 1 if honest else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
