"""Write docs/rules/*.md and docs/proofs.md from rules and experiments (`make docs`)."""

from __future__ import annotations

import os
import sys

from lbcheck import explain
from lbcheck.lab import report
from lbcheck.rules import ALL

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROOFS = "proofs.md"


def pages() -> dict[str, str]:
    """File name -> content: one page a rule, their index, and the table of proofs."""
    made = {f"rules/{rule.code}.md": explain.page(rule) for rule in ALL}
    return {PROOFS: report.table(), "rules/README.md": _index()} | made


def _index() -> str:
    rows = "".join(
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity.value} "
        f"| {', '.join(vendor.value for vendor in rule.vendors)} | {rule.summary} |\n"
        for rule in ALL
    )
    head = "| code | name | severity | for | what it finds |\n|---|---|---|---|---|\n"
    return f"# Rules\n\nGenerated from the rules by `make docs`.\n\n{head}{rows}"


def checked_in() -> dict[str, str]:
    """File name -> content of what is there now."""
    rules = os.path.join(FOLDER, "rules")
    names = sorted(os.listdir(rules)) if os.path.isdir(rules) else []
    there = {}
    for name in (PROOFS, *(f"rules/{name}" for name in names)):
        if os.path.exists(os.path.join(FOLDER, name)):
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                there[name] = file.read()
    return there


def stale() -> list[str]:
    """The files that differ from what the rules say, or should not be there."""
    made, there = pages(), checked_in()
    return sorted(name for name in made | there if made.get(name) != there.get(name))


def write() -> None:
    """Write every page and delete those of rules that are gone."""
    made = pages()
    os.makedirs(os.path.join(FOLDER, "rules"), exist_ok=True)
    for name in stale():
        path = os.path.join(FOLDER, name)
        if name not in made:
            os.unlink(path)
            continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(made[name])


def main(arguments: list[str]) -> int:
    """Write the pages; with `--check` only say which ones are stale (exit code 1)."""
    if arguments != ["--check"]:
        write()
        return 0
    for name in stale():
        sys.stderr.write(f"docs/{name} is stale: run `make docs`\n")
    return 1 if stale() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
