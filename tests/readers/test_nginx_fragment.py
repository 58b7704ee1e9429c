"""nginx files without their root: what is claimed of them, and that this is told."""

from __future__ import annotations

import pytest

from lbcheck import audit
from lbcheck.judge import judge
from lbcheck.model import Declared, Topology
from lbcheck.profiles import load
from lbcheck.reporters import summary
from lbcheck.rules import ALL
from tests.readers.nginx_text import UPGRADE, held, route, told, topology

PASS = "proxy_pass http://127.0.0.1:9000;"
SITE = f"server {{ listen 80; location /ws/ {{ {PASS} }} }}"


def judged(made: Topology) -> list[tuple[str, str, str, str]]:
    found, _ = judge(made, load(("default",)), rules=ALL)
    return [
        (f.code, f.severity.value, f.message, f.location.source.line(f.location.line or 0))
        for f in found
    ]


def test_a_site_file_in_which_no_level_sets_upgrade_is_warned_of() -> None:
    setting = route(SITE, "/ws/").upgrade
    assert setting is not None
    assert (setting.value, setting.assumed) == ("", "no outer file sets it")
    assert told(setting.place) == "location /ws/"
    assert [each for each in judged(topology(SITE)) if each[0] < "LB2"] == [
        (
            "LB101",
            "warning",
            "the target does not see `Upgrade: websocket`: it answers a plain request, and the "
            "handshake fails, unless an outer file sets it",
            SITE,
        )
    ]


def test_a_declared_path_needs_no_telling_name() -> None:
    text = SITE.replace("/ws/", "/push")
    assert held(route(text, "/push").upgrade) is None
    assert held(route(text, "/push", Declared(websocket_paths=("/push",))).upgrade) == ""


@pytest.mark.parametrize(
    "text",
    [
        f"location /ws/ {{ {PASS} }}",
        f"server {{ location /ws/ {{ include ws.inc; {PASS} }} }}",
        f"include ws.inc; {SITE}",
        f"server {{ location /ws/ {{ {PASS} }} location /up {{ {UPGRADE} {PASS} }} }}",
        f"server {{ location /up/ {{ {PASS} }} }}",
    ],
)
def test_what_an_outer_file_may_well_set_is_unknown(text: str) -> None:
    found = next(r for r in topology(text).routes if r.path in ("/ws/", "/up/"))
    assert held(found.upgrade) is None


def test_headers_of_a_fragment_beside_it_may_be_those_of_the_outer_level() -> None:
    found = topology(SITE, None, UPGRADE).routes
    assert [held(each.upgrade) for each in found] == [None]


OLD = f"server {{ location /ws/ {{ {UPGRADE.partition('; ')[2]} {PASS} }} }}"


@pytest.mark.parametrize(
    ("declared", "assumed"),
    [
        (Declared(), "nginx before 1.29.7 where no outer file sets it"),
        (Declared(nginx_version=(1, 26)), "this nginx where no outer file sets it"),
    ],
)
def test_a_site_file_that_forwards_upgrade_over_http10_is_warned_of(
    declared: Declared, assumed: str
) -> None:
    (forward,) = route(OLD, "/ws/", declared).forwards
    version = forward.http_version
    assert version is not None
    assert (version.value, version.assumed, told(version.place)) == (
        "1.0",
        assumed,
        "location /ws/",
    )


def test_a_version_that_another_file_may_set_is_unknown() -> None:
    location = OLD.removeprefix("server { ").removesuffix(" }")
    beside = topology(OLD, None, "proxy_http_version 1.1;").routes
    for found in (route(location, "/ws/"), *beside, route(SITE, "/ws/")):
        assert [forward.http_version for forward in found.forwards] == [None]


def test_a_location_that_is_not_declared_beside_one_that_is_does_not_lose_headers() -> None:
    inner = "".join(
        f"location {path} {{ proxy_set_header Host $host; {PASS} }}" for path in ("/sfu", "/jwt")
    )
    text = f"server {{ {UPGRADE} {inner} }}"
    lost = [each.path for each in topology(text).routes if each.ineffective]
    told_which = topology(text, Declared(websocket_paths=("/sfu",))).routes
    assert lost == ["/sfu", "/jwt"]
    assert [each.path for each in told_which if each.ineffective] == ["/sfu"]


def told_of(*texts: str) -> str:
    made = topology(texts[0], None, *texts[1:])
    sources = tuple(dict.fromkeys(each.place.source for each in made.routes))
    whole = Topology(sources, made.listeners, made.routes, made.pools)
    return summary.coverage(audit.report(whole, load(("default",))))


def test_files_that_were_judged_without_their_root_are_counted() -> None:
    assert told_of(SITE, SITE) == (
        "read: 2 of 2 files, 0 includes missing; judged without the file that includes it: 2 files"
    )


@pytest.mark.parametrize(
    "text",
    [f"http {{ {SITE} }}", f"server {{ location /ws/ {{ {UPGRADE} {PASS} }} }}"],
)
def test_a_file_that_says_all_itself_is_not_counted(text: str) -> None:
    assert told_of(text) == "read: 1 of 1 file, 0 includes missing"


def test_a_file_without_websockets_is_not_counted() -> None:
    assert "without the file" not in told_of(SITE.replace("/ws/", "/"))
