"""The page about Terraform shows what lbcheck says of the example it speaks of."""

import pathlib

import pytest

from lbcheck.cli import execute

ROOT = pathlib.Path(__file__).parents[2]


def test_the_findings_on_the_page_are_those_of_the_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "terraform.md").read_text()
    shown = page.partition("```\n")[2].partition("\n```")[0]
    assert execute(["audit", "examples/terraform", "--format", "concise"]) == 1
    assert capsys.readouterr().out.rstrip() == shown
