"""GitLab's code quality report, and rows for spreadsheets."""

import csv
import io
import json

import pytest

from lbcheck.finding import Severity
from lbcheck.reporters import Style, render
from tests.reporters import reports

STYLE = Style()


def issues(*findings: object) -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads(render("gitlab", reports.report(*findings), STYLE))
    return told


def rows(*findings: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render("csv", reports.report(*findings), STYLE))))


def test_gitlab_is_told_the_rule_in_front_of_the_description() -> None:
    assert issues(reports.chat()) == [
        {
            "description": "LB301 idle-timeout-below-heartbeat: cuts after 10s of silence; "
            "the next ping comes after 25s",
            "check_name": "LB301",
            "categories": ["Bug Risk"],
            "severity": "major",
            "fingerprint": "0123456789abcdef",
            "location": {"path": "edge/chat.conf", "lines": {"begin": 6, "end": 6}},
        }
    ]


def test_gitlab_gets_no_fingerprint_twice() -> None:
    prints = [issue["fingerprint"] for issue in issues(*[reports.chat()] * 3)]
    assert prints == ["0123456789abcdef", "0123456789abcdef#2", "0123456789abcdef#3"]


@pytest.mark.parametrize(
    ("severity", "word"),
    [(Severity.ERROR, "major"), (Severity.WARNING, "minor"), (Severity.INFO, "info")],
)
def test_gitlab_knows_the_severity(severity: Severity, word: str) -> None:
    assert issues(reports.chat(severity=severity))[0]["severity"] == word


def test_gitlab_gets_a_path_and_a_line_for_a_live_resource_too() -> None:
    [issue] = issues(reports.resource())
    assert issue["location"] == {"path": "aws:eu-west-1", "lines": {"begin": 1, "end": 1}}
    assert str(issue["description"]).endswith("targetgroup/chat/0123)")


def test_gitlab_without_findings_is_an_empty_list() -> None:
    assert issues() == []


def test_a_row_has_everything_that_is_known() -> None:
    assert rows(reports.chat()) == [
        {
            "severity": "error",
            "code": "LB301",
            "name": "idle-timeout-below-heartbeat",
            "confidence": "certain",
            "path": "edge/chat.conf",
            "line": "6",
            "column": "7",
            "resource": "",
            "address": "http/server[chat.example]/location[/ws/]",
            "message": "cuts after 10s of silence; the next ping comes after 25s",
            "evidence": "Upgrade headers are forwarded",
            "fix": "proxy_read_timeout 60s;",
            "live": "",
            "fingerprint": "0123456789abcdef",
        }
    ]


def test_a_live_resource_has_no_line() -> None:
    [row] = rows(reports.resource())
    assert (row["path"], row["line"], row["column"]) == ("aws:eu-west-1", "", "")
    assert row["resource"].endswith("targetgroup/chat/0123")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "  =", "＝", "－"])
def test_no_cell_is_a_formula(start: str) -> None:
    formula = f"{start}HYPERLINK('http://x')"
    where = reports.source("x;", formula)
    finding = reports.finding(
        reports.location(where, "x"), message=formula, address=formula, evidence=formula
    )
    [row] = rows(finding)
    for column in ("path", "message", "address", "evidence"):
        assert row[column] == f"'{formula.replace(chr(9), '    ')}"


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    [row] = rows(reports.chat(message='a,"b"\nc'))
    assert row["message"] == 'a,"b"\\x0ac'
