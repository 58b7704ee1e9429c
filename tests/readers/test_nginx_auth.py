"""What is said of `auth_request`: only where the question carries the handshake's headers."""

from __future__ import annotations

import pytest

from tests.readers.nginx_text import UPGRADE, brief, route, topology, whole

NO_WEBSOCKETS = "any HTTP route may carry WebSockets"
INTERNAL = "location = /auth { internal; proxy_pass http://10.0.0.1:9000; }"


@pytest.mark.parametrize(
    ("server", "same"),
    [
        (f"{UPGRADE} location /ws {{ auth_request /auth; PASS }} {INTERNAL}", True),
        (f"{UPGRADE} auth_request /auth; location /ws {{ PASS }} {INTERNAL}", True),
        (
            f"{UPGRADE} location /ws {{ auth_request /auth; PASS }} "
            "location = /auth { proxy_pass http://10.0.0.9/check; }",
            False,
        ),
    ],
)
def test_a_question_that_inherits_upgrade_is_noted(server: str, same: bool) -> None:
    found = route(whole(f"server {{ {filled(server)} }}"), "/ws")
    value, origin, text = brief(found.authentication)
    assert (value, text) == (same, "auth_request /auth")
    assert origin == ("set" if "{ auth_request" in server else "inherited")


@pytest.mark.parametrize(
    "server",
    [
        f"{UPGRADE} location /ws {{ auth_request off; PASS }} {INTERNAL}",
        f"{UPGRADE} location /ws {{ PASS }} {INTERNAL}",
        f"location /ws {{ auth_request /auth; {UPGRADE} PASS }} {INTERNAL}",
        f"{UPGRADE} location /ws {{ auth_request /auth; PASS }} "
        'location = /auth { proxy_set_header Upgrade ""; proxy_pass http://10.0.0.1:9000; }',
        f"{UPGRADE} location /ws {{ auth_request /auth; PASS }} "
        "location = /auth { proxy_set_header X-Url $uri; proxy_pass http://10.0.0.1:9000; }",
        f"{UPGRADE} location /ws {{ auth_request /auth; PASS }} location = /auth {{ return 204; }}",
        f"{UPGRADE} location /ws {{ auth_request /$host; PASS }} {INTERNAL}",
        f"{UPGRADE} auth_request /auth; location /ws {{ include auth.conf; PASS }} {INTERNAL}",
    ],
)
def test_any_other_question_is_none(server: str) -> None:
    assert route(whole(f"server {{ {filled(server)} }}"), "/ws").authentication is None


def test_a_location_that_asks_itself_is_not_noted() -> None:
    text = whole(f"server {{ {UPGRADE} auth_request /; location / {{ {filled('PASS')} }} }}")
    assert [found.authentication for found in topology(text).routes] == [None]


@pytest.mark.parametrize(
    ("server", "evidence"),
    [
        (f"{UPGRADE} location = /auth {{ proxy_set_header X-Url $uri; PASS }}", NO_WEBSOCKETS),
        (f"{UPGRADE} location = /auth {{ PASS }}", NO_WEBSOCKETS),
        (f"{UPGRADE} location /auth {{ {UPGRADE} PASS }}", NO_WEBSOCKETS),
        (f"location /auth/ws {{ {UPGRADE} PASS }}", "Upgrade headers are forwarded"),
    ],
)
@pytest.mark.parametrize("name", ["auth_request", "mirror"])
def test_what_subrequests_ask_carries_no_websockets(name: str, server: str, evidence: str) -> None:
    text = whole(f"server {{ location /ws {{ {name} /auth; root /srv; }} {filled(server)} }}")
    (found,) = (each for each in topology(text).routes if "/auth" in (each.path or ""))
    assert found.belief.evidence == evidence


def filled(server: str) -> str:
    return server.replace("PASS", "proxy_pass http://10.0.0.1:9000;")
