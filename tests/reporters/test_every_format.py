"""What holds for each format: the same findings, the same bytes, nothing that steers a reader."""

import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest

from lbcheck.finding import Finding, Fix, Related, Severity, Trial, Verdict
from lbcheck.reporters import FORMATS, Style, render
from tests.reporters import reports

STYLE = Style(today="2026-11-23")
HOSTILE = "\x1b]0;owned\x07 \u202egnp.exe \u2066 \udce9 \x9b31m \r\b\x00\ufffe </td>]]>\"'`|"
TEXT_OF: dict[str, Callable[[str], str]] = {
    "json": lambda output: str(json.loads(output)["findings"]),
    "sarif": lambda output: str(json.loads(output)["runs"][0]["results"]),
    "gitlab": lambda output: str(json.loads(output)),
}


def hostile() -> Finding:
    where = reports.source(f"x {HOSTILE};\ny;", f"edge/{HOSTILE}.conf")
    return reports.finding(
        reports.location(where, "x"),
        message=f"{HOSTILE} \ud800",
        evidence=HOSTILE,
        address=HOSTILE,
        notes=(HOSTILE,),
        fix=Fix(HOSTILE, command=HOSTILE),
        related=(Related(reports.location(where, "y;"), HOSTILE),),
        trial=Trial(Verdict.CONFIRMED, HOSTILE),
    )


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report_gives_the_same_bytes(form: str) -> None:
    outputs = {
        render(form, reports.report(reports.chat(), reports.chat()), STYLE) for _ in range(3)
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_every_finding_its_rule_and_its_place(form: str) -> None:
    findings = (
        reports.chat(message="told-one"),
        reports.chat(message="told-two", severity=Severity.INFO),
        reports.resource(message="told-three"),
    )
    output = render(form, reports.report(*findings), STYLE)
    told = TEXT_OF.get(form, str)(output)
    for message in ("told-one", "told-two", "told-three"):
        assert told.count(message) in (1, 2)  # in a list, and in a frame
    for word in ("LB301", "LB401", "edge/chat.conf", "targetgroup/chat/0123"):
        assert word in told


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_sends_a_control_character_of_the_configuration(form: str) -> None:
    for report in (
        reports.report(hostile()),
        reports.report(suppressed=(reports.silenced("2027-01-31"),), sources=(reports.unread(),)),
    ):
        output = render(form, report, STYLE)
        assert [c for c in output if not c.isprintable() and c != "\n"] == []
        output.encode("utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_a_runner_finds_no_command_in_the_configuration(form: str) -> None:
    words = "::error::owned ##[command]owned ##vso[task.complete]owned"
    where = reports.source(f"x\n{words}", "::warning::owned.conf")
    finding = reports.finding(reports.location(where, words), message=words, notes=(words,))
    output = render(form, reports.report(finding), Style(runner=True))
    lines = output.splitlines()
    assert [line for line in lines if "##[" in line or "##vso[" in line] == []
    starts = [line.split("::")[1].split(" ")[0] for line in lines if line.strip().startswith("::")]
    assert starts == (["error"] if form == "github" else [])
    if form in ("json", "sarif", "gitlab"):
        assert json.loads(output) == json.loads(render(form, reports.report(finding), STYLE))


@pytest.mark.parametrize("form", sorted({*FORMATS} - {"json"}))
@pytest.mark.parametrize("verdict", Verdict)
def test_what_a_live_test_said_is_told(form: str, verdict: Verdict) -> None:
    finding = reports.chat(trial=Trial(verdict, "open after 90s"))
    told = render(form, reports.report(finding), STYLE)
    assert f"{verdict.value} live: open after 90s" in told


def test_json_and_sarif_tell_the_verdict_by_itself() -> None:
    finding = reports.chat(trial=Trial(Verdict.NOT_TRIED, "nobody waited"))
    (told,) = json.loads(render("json", reports.report(finding), STYLE))["findings"]
    assert told["trial"] == {"verdict": "not tried", "detail": "nobody waited"}
    log = json.loads(render("sarif", reports.report(finding), STYLE))
    (result,) = log["runs"][0]["results"]
    assert result["properties"]["trial"] == "not tried"
    assert result["properties"]["trialDetail"] == "nobody waited"


def after(words: str, starts: str) -> Callable[[str], list[str]]:
    """What follows some words in the lines that start so."""
    return lambda output: [
        line.partition(words)[2][:5]
        for line in output.splitlines()
        if line.startswith(tuple(starts.split()))
    ]


CODES: dict[str, Callable[[str], list[str]]] = {
    "json": lambda output: [finding["code"] for finding in json.loads(output)["findings"]],
    "sarif": lambda output: [told["ruleId"] for told in json.loads(output)["runs"][0]["results"]],
    "gitlab": lambda output: [issue["check_name"] for issue in json.loads(output)],
    "junit": lambda output: [
        case.attrib["name"].split()[0] for case in fromstring(output).iter("testcase") if len(case)
    ],
    "csv": lambda output: [line.split(",")[1] for line in output.splitlines()[1:]],
    "markdown": after("** ", "- **"),
    "text": after("[", "error[ warning[ info["),
    "concise": lambda output: [line.split(": ")[1].split()[1] for line in output.splitlines()],
    "github": after("title=", "::"),
    "html": after("</span> ", '<h3><span class="badge'),
}
"""the rules that a report tells of, read as its readers read it"""


def test_one_run_writes_all_of_them_with_the_same_findings_and_exit_code(
    tmp_path: pathlib.Path,
) -> None:
    name = "<img src=x onerror=alert(1)> `|@all =1+1.conf"
    (tmp_path / name).write_text(
        "events {}\nhttp {\n map $http_upgrade $c { default upgrade; '' close; }\n"
        " upstream app { server 10.0.0.1; }\n server { location /ws/ { proxy_http_version 1.1;\n"
        "  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $c;\n"
        "  proxy_read_timeout 5s; proxy_pass http://app; } }\n}\n"
    )
    command = [sys.executable, "-m", "lbcheck", "audit", name, "--param", "heartbeat.interval_s=25"]
    for form in FORMATS:
        command += ["-o", f"{form}=report.{form}"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB")}
    environment["PYTHONPATH"] = str(pathlib.Path(__file__).parents[2])
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    told = {form: CODES[form]((tmp_path / f"report.{form}").read_text()) for form in FORMATS}
    assert "LB301" in told["json"]
    assert told == dict.fromkeys(FORMATS, told["json"])
    for form in FORMATS:
        alone = subprocess.run(
            [*command[:7], "--format", form], cwd=tmp_path, env=environment, capture_output=True
        )
        assert alone.returncode == 1
        assert alone.stdout == (tmp_path / f"report.{form}").read_bytes()
