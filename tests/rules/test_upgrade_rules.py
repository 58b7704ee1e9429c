"""LB1xx against hand-built routes: who speaks, who is silent, and what is edited."""

import pytest

from lbcheck.finding import Problem, Severity
from lbcheck.model import (
    Alteration,
    Effect,
    Forward,
    Ineffective,
    Origin,
    Redirect,
    RedirectKind,
    Route,
    Setting,
    Vendor,
)
from lbcheck.profile import Handshake, Profile
from lbcheck.rules import BY_CODE
from tests.rules.hand_built import CERTAIN, LIKELY, Text

PAAS = Text("""\
location / {
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
}
""")
EMPTIED = PAAS.set("proxy_set_header Connection", "", 'proxy_set_header Connection "";')
ABSENT = Setting("proxy_set_header Upgrade", "", Origin.DEFAULT, PAAS.at("location / {"))
KEPT = PAAS.set("proxy_set_header Host", True)


def problems(code: str, route: Route, profile: Profile | None = None) -> list[Problem]:
    check = BY_CODE[code].check
    assert check is not None
    return list(check(route, profile or Profile()))


def edited(problem: Problem) -> str:
    assert problem.fix is not None
    text = problem.fix.edits[0].source.text or ""
    for edit in problem.fix.edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def test_an_emptied_connection_without_upgrade_is_two_lines_to_mend_where_belief_is_certain() -> (
    None
):
    route = PAAS.route(
        "location / {", belief=CERTAIN, upgrade=ABSENT, connection=EMPTIED, host_kept=KEPT
    )
    (upgrade,), (connection,) = problems("LB101", route), problems("LB102", route)
    assert upgrade.place == PAAS.at("location / {")
    assert connection.place == PAAS.at('proxy_set_header Connection "";')
    assert edited(upgrade).splitlines()[1] == "    proxy_set_header Upgrade $http_upgrade;"
    assert edited(connection).splitlines()[2] == "    proxy_set_header Connection $http_connection;"


def test_where_belief_is_only_likely_the_missing_upgrade_tells_of_both() -> None:
    route = PAAS.route("location / {", belief=LIKELY, upgrade=ABSENT, connection=EMPTIED)
    (problem,) = problems("LB101", route)
    assert [note.place for note in problem.related] == [EMPTIED.place]
    assert problems("LB102", route) == []


@pytest.mark.parametrize("value", ["upgraded", "websocket", "keep-alive", "close"])
def test_a_connection_without_the_word_upgrade_is_reported(value: str) -> None:
    passed = PAAS.set("proxy_set_header Upgrade", "websocket", "location")
    route = PAAS.route("location / {", upgrade=passed, connection=PAAS.set("location", value))
    assert problems("LB101", route) == []
    ((message, fix),) = [(p.message, p.fix) for p in problems("LB102", route)]
    assert message == (
        f"the target sees `Connection: {value}` where a handshake needs `Connection: upgrade`, "
        "and refuses it"
    )
    assert fix is not None


@pytest.mark.parametrize("value", ["upgrade", "Upgrade", "keep-alive, Upgrade", None])
def test_a_connection_that_upgrades_or_is_not_known_is_not_reported(value: str | None) -> None:
    passed = PAAS.set("proxy_set_header Upgrade", "websocket", "location")
    route = PAAS.route("location / {", upgrade=passed, connection=PAAS.set("location", value))
    assert problems("LB101", route) == problems("LB102", route) == []


def test_another_word_in_upgrade_is_named() -> None:
    route = PAAS.route("location / {", upgrade=PAAS.set("location", "upgrade"))
    (problem,) = problems("LB101", route)
    assert problem.message == (
        "the target sees `Upgrade: upgrade` and not `websocket`: "
        "it answers a plain request, and the handshake fails"
    )


@pytest.mark.parametrize(
    "effect",
    [
        Effect.HEADERS_REPLACED,
        Effect.UNREACHED,
        Effect.SHADOWED,
        Effect.MAP_BROKEN,
        Effect.CASE_SENSITIVE,
    ],
)
def test_a_known_reason_for_missing_headers_is_told_once(effect: Effect) -> None:
    record = Ineffective(effect, KEPT, "because of a test")
    absent = Setting("Connection", "", Origin.DEFAULT, ABSENT.place)
    unkept = Setting("Host", False, Origin.DEFAULT, ABSENT.place)
    route = PAAS.route(
        "location / {",
        upgrade=ABSENT,
        connection=absent,
        host_kept=unkept,
        ineffective=(record,),
    )
    mine = [code for code, rule in BY_CODE.items() if code < "LB2" and rule.subject is Route]
    speaking = [code for code in mine if problems(code, route)]
    owner = {
        Effect.HEADERS_REPLACED: "LB105",
        Effect.UNREACHED: "LB106",
        Effect.SHADOWED: "LB107",
        Effect.MAP_BROKEN: "LB110",
        Effect.CASE_SENSITIVE: "LB115",
    }
    assert speaking == [owner[effect]]


@pytest.mark.parametrize(
    ("assumed", "severity", "words"),
    [(None, None, "HTTP/1.0: "), ("nginx before 1.29.7", Severity.WARNING, "nginx before 1.29.7")],
)
def test_http10_by_an_assumed_version_is_a_warning_that_names_it(
    assumed: str | None, severity: Severity | None, words: str
) -> None:
    version = Setting("proxy_http_version", "1.0", Origin.DEFAULT, ABSENT.place, assumed)
    forward = Forward(PAAS.pool(), version)
    (problem,) = problems("LB103", PAAS.route("location / {", forwards=(forward,)))
    assert problem.severity is severity
    assert words in problem.message
    assert edited(problem).splitlines()[1] == "    proxy_http_version 1.1;"


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        (RedirectKind.SCHEME, Severity.WARNING),
        (RedirectKind.SLASH, Severity.WARNING),
        (RedirectKind.OTHER, Severity.ERROR),
    ],
)
def test_how_bad_a_redirect_is_depends_on_its_kind(kind: RedirectKind, severity: Severity) -> None:
    redirect = Redirect(kind, PAAS.set("return", 301, "location"))
    (problem,) = problems("LB108", PAAS.route("location / {", redirect=redirect))
    assert problem.severity is severity
    assert "301" in problem.message


@pytest.mark.parametrize(
    ("name", "status", "severity", "message"),
    [
        (
            "try_files",
            200,
            Severity.WARNING,
            "`try_files` answers the handshake with 200 as if it were a file",
        ),
        (
            "fastcgi_pass",
            0,
            Severity.WARNING,
            "`fastcgi_pass` takes the handshake, and a script takes no frames",
        ),
        (
            "http-request deny",
            403,
            Severity.WARNING,
            "every handshake gets 403 here; if that is meant, silence it",
        ),
        (
            "http-request tarpit",
            500,
            Severity.WARNING,
            "every handshake gets 500 here; if that is meant, silence it",
        ),
        (
            "http-request return",
            200,
            Severity.ERROR,
            "`http-request return` answers every handshake with 200 instead of 101",
        ),
    ],
)
def test_an_answer_that_is_no_redirect_is_not_called_one(
    name: str, status: int, severity: Severity, message: str
) -> None:
    text = Text(f"backend ws\n    {name}\n", Vendor.HAPROXY)
    redirect = Redirect(RedirectKind.OTHER, text.set(name, status))
    (problem,) = problems("LB108", text.route("backend ws", redirect=redirect))
    assert (problem.severity, problem.message) == (severity, message)


def test_a_method_is_not_said_to_change_a_header() -> None:
    text = Text("location / {\n    proxy_method POST;\n    proxy_hide_header Upgrade;\n}\n")
    method = Alteration("", text.set("proxy_method", "POST"), "a handshake must be a GET")
    hidden = Alteration("Upgrade", text.set("proxy_hide_header", "Upgrade"), "clients refuse")
    route = text.route("location / {", alterations=(method, hidden))
    assert [problem.message for problem in problems("LB111", route)] == [
        "`proxy_method`: a handshake must be a GET",
        "`proxy_hide_header` changes `Upgrade`: clients refuse",
    ]


def test_a_service_that_does_not_check_the_origin_needs_no_host() -> None:
    lost = Setting("Host", False, Origin.DEFAULT, ABSENT.place)
    route = PAAS.route("location / {", host_kept=lost)
    for checks, severity in ((None, Severity.INFO), (True, None)):
        (problem,) = problems("LB114", route, Profile(handshake=Handshake(checks_origin=checks)))
        assert problem.severity is severity
    assert problems("LB114", route, Profile(handshake=Handshake(checks_origin=False))) == []


def test_http2_to_an_haproxy_server_is_told_without_an_nginx_edit() -> None:
    text = Text("server a 10.0.0.1:80 proto h2\n", Vendor.HAPROXY)
    forward = Forward(text.pool(), text.set("proto h2", "2"))
    (problem,) = problems("LB104", text.route("server", forwards=(forward,)))
    assert problem.place == text.at("proto h2")
    assert problem.fix is None
