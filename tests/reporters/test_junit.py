"""JUnit XML, read back by a library that knows nothing of lbcheck."""

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

from lbcheck.finding import Location
from lbcheck.reporters import Style, render
from tests.reporters import reports

STYLE = Style(today="2026-11-23")


def suites(*findings: object, **changes: object) -> JUnitXml:
    return JUnitXml.fromstring(
        render("junit", reports.report(*findings, **changes), STYLE).encode()
    )


def cases(xml: JUnitXml) -> list[TestCase]:
    return [case for suite in xml for case in suite]


def test_a_finding_is_a_failed_case_with_its_frame() -> None:
    xml = suites(reports.chat())
    [suite] = xml
    [case] = suite
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (1, 1, 0, 0)
    assert suite.name == "edge/chat.conf"
    assert (case.classname, case.name) == (
        "edge/chat.conf",
        "LB301 idle-timeout-below-heartbeat at 6:7",
    )
    [failure] = case.result
    assert isinstance(failure, Failure)
    assert failure.message == "cuts after 10s of silence; the next ping comes after 25s"
    assert failure.type == "error"
    assert failure.text.split("\n") == render("text", reports.report(reports.chat()), STYLE).split(
        "\n\n"
    )[0].split("\n")


def test_two_findings_of_one_rule_and_place_are_two_cases() -> None:
    assert [case.name for case in cases(suites(reports.chat(), reports.chat(message="b")))] == [
        "LB301 idle-timeout-below-heartbeat at 6:7",
        "LB301 idle-timeout-below-heartbeat at 6:7 (2)",
    ]


def test_a_source_without_findings_is_a_case_that_passed() -> None:
    [case] = cases(suites(sources=(reports.source(),)))
    assert (case.name, case.result) == ("audit", [])


def test_a_source_that_was_not_read_never_passes() -> None:
    silent = reports.source("", "edge/silent.conf")
    silent.unread = True  # and nobody said why
    xml = suites(sources=(reports.unread(), silent), complete=False, exit_code=3)
    assert (xml.tests, xml.errors) == (2, 2)
    for case, message in zip(
        cases(xml),
        ("cannot be read: Permission denied; check it", "not everything in it was read"),
        strict=True,
    ):
        [error] = case.result
        assert isinstance(error, Error)
        assert (case.name, error.message) == ("read (unread)", message)


def test_nothing_to_audit_is_an_error_and_no_empty_success() -> None:
    [case] = cases(suites(sources=(), complete=False, exit_code=3))
    assert isinstance(case.result[0], Error)
    assert case.result[0].message == "nothing to audit: no configuration of a load balancer"


def test_what_says_that_something_was_not_audited_is_an_error() -> None:
    broken = reports.unread()
    finding = reports.finding(Location(broken, 1, 1, 1, 1), code="LB901", message="cannot be read")
    [case] = cases(suites(finding, sources=(broken,)))
    assert isinstance(case.result[0], Error)


def test_a_suppressed_finding_is_skipped_with_its_reason() -> None:
    item = reports.silenced()
    [case] = cases(suites(suppressed=(item,), sources=(item.finding.location.source,)))
    assert isinstance(case.result[0], Skipped)
    assert case.result[0].message == "suppressed: drained by hand"


def test_a_live_resource_is_a_case_of_its_account() -> None:
    [case] = cases(suites(reports.resource()))
    assert (case.classname, case.name) == ("aws:eu-west-1", "LB401 route-to-draining-only")
    assert case.result[0].message.endswith("targetgroup/chat/0123)")


@pytest.mark.parametrize("character", [chr(code) for code in (*range(32), 0xFFFE, 0xD800)])
def test_characters_that_xml_cannot_hold_are_shown_as_escapes(character: str) -> None:
    [case] = cases(suites(reports.chat(message=f"a{character}b")))
    shown = case.result[0].message
    assert shown in {"a    b"} if character == "\t" else shown.startswith("a\\")
