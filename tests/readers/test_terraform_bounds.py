"""What lbcheck leaves out of Terraform it says."""

from __future__ import annotations

import pathlib

from lbcheck.run import Options, run


def test_more_instances_than_are_judged_make_the_result_incomplete(tmp_path: pathlib.Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_lb" "edge" {\n  count = 101\n}\n')
    report = run([str(tmp_path)], Options(today="2026-11-23"))
    [finding] = [found for found in report.findings if found.code == "LB901"]
    assert (finding.location.line, finding.message) == (
        1,
        "makes more than 100 instances; the first 100 are judged; audit a plan"
        " (`terraform show -json`), which has them all",
    )
    assert report.exit_code == 3
