"""JUnit XML, which every CI server shows: a suite for each source, a failed case for each finding.

What could not be read is an error, what is suppressed is skipped with its reason, and a source
without any of them is one case that passed. There is no time stamp: the same report gives the same
bytes. XML 1.0 has no way to write control characters; they are shown as escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lbcheck.finding import Finding
from lbcheck.model import Source
from lbcheck.reporters import block
from lbcheck.reporters.summary import unsaid_troubles
from lbcheck.reporters.tried import message
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import has_text

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

_NOT_DONE = frozenset({"LB901", "LB902", "LB908"})
"""what says that something was not audited"""
_OUTCOMES = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def render(report: Report, style: Style) -> str:
    root = Element("testsuites", name="lbcheck")
    for name, cases in _suites(report, style).items():
        suite = SubElement(root, "testsuite", name=visible(name))
        suite.extend(_numbered(cases) or [_case(name, "audit")])
        _count(suite)
    _count(root)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'


def _suites(report: Report, style: Style) -> dict[str, list[Element]]:
    """Source name -> its cases; every source that was read has a suite."""
    suites: dict[str, list[Element]] = {source.name: [] for source in report.sources}
    if report.nothing:
        suites["lbcheck"] = [_nothing()]
    for finding in report.findings:
        suites.setdefault(finding.location.path, []).append(_failed(finding, style))
    for source, told in unsaid_troubles(report):
        suites[source.name].append(_unread(source, told))
    for item in report.suppressed:
        case = _of(item.finding)
        SubElement(case, "skipped", message=visible(f"suppressed: {item.reason}"))
        suites.setdefault(item.finding.location.path, []).append(case)
    return suites


def _failed(finding: Finding, style: Style) -> Element:
    case = _of(finding)
    outcome = "error" if finding.code in _NOT_DONE else "failure"
    said = visible(message(finding))
    failure = SubElement(case, outcome, message=said, type=finding.severity.value)
    failure.text = "\n".join(block.lines(finding, style))
    return case


def _of(finding: Finding) -> Element:
    place = finding.location
    at = f" at {place.line}:{place.column}" if has_text(place) else ""
    case = _case(place.path, f"{finding.code} {finding.name}{at}")
    if at:
        case.set("line", str(place.line))
    return case


def _unread(source: Source, told: str) -> Element:
    case = _case(source.name, f"read ({source.status.value})")
    SubElement(case, "error", message=visible(told), type=source.status.value)
    return case


def _nothing() -> Element:
    case = _case("lbcheck", "audit")
    said = "nothing to audit: no configuration of a load balancer"
    SubElement(case, "error", message=said, type="unread")
    return case


def _case(source: str, name: str) -> Element:
    path = visible(source)
    return Element("testcase", classname=path, name=visible(name), file=path)


def _numbered(cases: list[Element]) -> list[Element]:
    """Servers take two cases of one name for one: the second is `(2)`."""
    seen: dict[str, int] = {}
    for case in cases:
        name = case.attrib["name"]
        count = seen[name] = seen.get(name, 0) + 1
        if count > 1:
            case.set("name", f"{name} ({count})")
    return cases


def _count(element: Element) -> None:
    element.set("tests", str(_number(element, "testcase")))
    for key, tag in _OUTCOMES:
        element.set(key, str(_number(element, tag)))


def _number(element: Element, tag: str) -> int:
    return sum(1 for _ in element.iter(tag))
