"""What active checks of nginx's commercial and foreign editions lack."""

from __future__ import annotations

import pytest

from lbcheck.model import CheckKind, Declared, Effect
from tests.readers.nginx_text import topology, whole


@pytest.mark.parametrize(
    ("edition", "location", "upstream", "gaps"),
    [
        ("plus", "health_check;", "", ("uri", "zone", "mandatory")),
        ("plus", "health_check uri=/up;", "zone z 64k;", ("mandatory",)),
        ("plus", "health_check match=ok mandatory;", "zone z 64k;", ()),
        ("plus", "health_check type=grpc mandatory;", "zone z 64k;", ()),
        ("plus", "health_check uri=/up mandatory persistent;", "include more.conf;", ()),
        ("angie", "upstream_probe p uri=/up essential;", "zone z 64k;", ()),
        ("angie", "upstream_probe p;", "zone z 64k;", ("uri", "essential")),
        ("tengine", "", "check interval=3000;", ("type=http",)),
        ("tengine", "", "check interval=3000 type=http;", ()),
        ("oss", "", "check interval=3000;", ("type=http",)),
        ("plus", "", "check interval=3000;", ()),
        ("plus", "", "", ()),
        ("oss", "health_check;", "", ()),
    ],
)
def test_gaps_are_named_for_the_edition_that_runs(
    edition: str, location: str, upstream: str, gaps: tuple[str, ...]
) -> None:
    text = whole(
        f"match ok {{ status 200; }} upstream app {{ server 10.0.0.1; {upstream} }}\n"
        f"server {{ location /ws {{ proxy_pass http://app; {location} }} }}"
    )
    (found,) = topology(text, Declared(nginx_edition=edition)).pools
    assert found.check.gaps == gaps


def test_check_is_an_active_check_where_its_module_may_be_built_in() -> None:
    text = whole(
        "upstream app { server 10.0.0.1; server 10.0.0.2; check interval=3000 type=http; }\n"
        "server { location /ws { proxy_pass http://app; } }"
    )
    found = [topology(text, Declared(nginx_edition=each)).pools[0] for each in ("oss", "plus")]
    assert [each.check.kind is CheckKind.HTTP for each in found] == [True, False]
    assert [each.effect for pool in found for each in pool.ineffective] == [
        Effect.CHECK_INEFFECTIVE
    ]
