"""Pages that show what lbcheck says of an example show exactly that."""

import pathlib
import re

import pytest

from lbcheck.cli import execute

ROOT = pathlib.Path(__file__).parents[2]
SHOWN = re.compile(r"<!-- findings: lbcheck ([^\n]+) -->\n```\n(.*?)```\n<!-- /findings -->", re.S)
PAGES = [
    path.name for path in sorted((ROOT / "docs").glob("*.md")) if SHOWN.search(path.read_text())
]


def test_these_pages_show_findings() -> None:
    assert PAGES == ["cloudformation.md", "kubernetes.md", "terraform.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_findings_on_a_page_are_those_of_its_example(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for command, findings in SHOWN.findall((ROOT / "docs" / page).read_text()):
        assert execute(command.split()) == 1
        assert capsys.readouterr().out == findings
