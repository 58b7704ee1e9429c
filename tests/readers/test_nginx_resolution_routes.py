"""nginx routes: inheritance, defaults by version, header values, statements without effect."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.model import Declared, Effect, Level, RedirectKind
from lbcheck.sources import nginx
from lbcheck.sources.files import Files
from tests.readers.nginx_text import MAP, UPGRADE, brief, held, route, told, topology, whole, write


def server(inner: str, listen: str = "80") -> str:
    return whole(f"server {{ listen {listen}; server_name chat.example;\n{inner}\n}}")


def test_a_route_has_its_address_its_opening_line_and_its_pool() -> None:
    found = route(server("location /ws/ { proxy_pass http://127.0.0.1:9000; }"), "/ws/")
    assert found.address == "http/server[chat.example]/location[/ws/]"
    assert told(found.place) == "location /ws/"
    assert [forward.pool.name for forward in found.forwards] == ["127.0.0.1:9000"]


def test_a_scalar_comes_from_the_nearest_level() -> None:
    text = whole(
        "proxy_read_timeout 100s; proxy_send_timeout 7m;\n"
        "server { listen 80; proxy_read_timeout 90;\n"
        "location /a { proxy_pass http://127.0.0.1:1; }\n"
        "location /b { proxy_pass http://127.0.0.1:1; proxy_read_timeout 1h30m; } }"
    )
    assert brief(route(text, "/a").idle) == (90.0, "inherited", "proxy_read_timeout 90")
    assert brief(route(text, "/b").idle) == (5400.0, "set", "proxy_read_timeout 1h30m")
    connect, send = route(text, "/a").timeouts
    assert brief(connect) == (60.0, "default", "location /a")
    assert brief(send) == (420.0, "inherited", "proxy_send_timeout 7m")


@pytest.mark.parametrize(
    ("version", "http", "connection", "assumed"),
    [
        (None, "1.0", "close", "nginx before 1.29.7"),
        ((1, 28, 0), "1.0", "close", None),
        ((1, 29, 7), "1.1", "", None),
    ],
)
def test_defaults_are_those_of_the_version(
    version: tuple[int, ...] | None, http: str, connection: str, assumed: str | None
) -> None:
    text = server("location /ws/ { proxy_pass http://127.0.0.1:9000; }")
    found = route(text, "/ws/", Declared(nginx_version=version))
    spoken = found.forwards[0].http_version
    assert brief(spoken) == (http, "default", "location /ws/")
    assert spoken is not None
    assert spoken.assumed == assumed
    assert brief(found.connection) == (connection, "default", "location /ws/")
    assert brief(found.upgrade) == ("", "default", "location /ws/")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("$connection_upgrade", "upgrade"),
        ("$http_connection", "upgrade"),
        ('"Upgrade"', "upgrade"),
        ('""', ""),
        ("keep-alive", "keep-alive"),
        ("${http_connection}", "upgrade"),
        ("$from_lua", None),
        ("{{ connection }}", None),
        ("${CONNECTION}", None),
    ],
)
def test_a_header_is_what_the_target_sees_during_a_handshake(value: str, seen: str | None) -> None:
    inner = (
        f"location /ws/ {{ proxy_pass http://127.0.0.1:9; proxy_set_header Connection {value}; }}"
    )
    text = server(f"set_by_lua $from_lua 'return 1';\n{inner}")
    connection = route(text, "/ws/").connection
    assert held(connection) == seen


def test_an_inner_header_loses_the_outer_ones() -> None:
    text = server(
        f"{UPGRADE}\n"
        "location /ws/ { proxy_set_header Host $host; proxy_pass http://127.0.0.1:9; }"
    )
    found = route(text, "/ws/")
    assert {record.effect for record in found.ineffective} == {Effect.HEADERS_REPLACED}
    assert [told(record.setting.place) for record in found.ineffective] == [
        "proxy_set_header Upgrade $http_upgrade",
        "proxy_set_header Connection $connection_upgrade",
    ]
    assert {told(record.cause) for record in found.ineffective} == {"proxy_set_header Host $host"}
    assert brief(found.upgrade) == ("", "default", "location /ws/")
    assert found.belief.level is Level.CERTAIN


def test_an_include_loses_the_outer_headers_too(tmp_path: pathlib.Path) -> None:
    inner = "location /ws/ { include params.conf; proxy_pass http://127.0.0.1:9; }"
    write(tmp_path, nginx=server(f"{UPGRADE}\n{inner}"), params="proxy_set_header Host $host;\n")
    files = Files()
    main = files.open(str(tmp_path / "nginx.conf"), "nginx")
    (found,) = nginx.read([main], files, Declared()).routes
    cause = found.ineffective[0].cause
    assert cause is not None
    assert cause.source.path == str(tmp_path / "params.conf")


def test_a_nested_location_without_headers_inherits_them() -> None:
    text = server(
        f"location /a/ {{ {UPGRADE}\nlocation /a/ws {{ proxy_pass http://127.0.0.1:9; }} }}"
    )
    found = route(text, "/a/ws")
    assert found.address == "http/server[chat.example]/location[/a/]/location[/a/ws]"
    assert brief(found.upgrade) == (
        "websocket", "inherited", "proxy_set_header Upgrade $http_upgrade",
    )  # fmt: skip
    assert found.ineffective == ()


def test_headers_lost_beside_an_owner_say_nothing_of_a_plain_route() -> None:
    text = server(
        f"{UPGRADE}\nlocation /ws/ {{ proxy_pass http://127.0.0.1:9; }}\n"
        "location / { proxy_set_header Host $host; proxy_pass http://127.0.0.1:8; }"
    )
    assert route(text, "/").belief.level is Level.POSSIBLE


def test_headers_where_try_files_takes_the_request_away_are_unreached() -> None:
    text = server(
        f"location /ws {{ {UPGRADE} try_files $uri @app; }}\n"
        "location @app { proxy_pass http://127.0.0.1:9; }"
    )
    found = route(text, "@app")
    (record,) = found.ineffective
    assert record.effect is Effect.UNREACHED
    assert told(record.setting.place) == "proxy_set_header Upgrade $http_upgrade"
    assert told(record.cause) == "try_files $uri @app"
    assert found.belief.level is Level.CERTAIN


def test_headers_of_a_location_left_by_rewrite_last_are_unreached() -> None:
    text = server(
        f"location /ws {{ {UPGRADE} rewrite ^ /app/socket last; }}\n"
        "location /app/ { proxy_pass http://127.0.0.1:9; }"
    )
    (record,) = route(text, "/app/").ineffective
    assert (record.effect, told(record.cause)) == (Effect.UNREACHED, "rewrite ^ /app/socket last")


def test_error_page_as_a_switch_leads_handshakes_to_the_named_location() -> None:
    text = server(
        "location / { error_page 418 = @ws; if ($http_upgrade) { return 418; }\n"
        "proxy_pass http://127.0.0.1:8; }\n"
        f"location @ws {{ {UPGRADE} proxy_pass http://127.0.0.1:9; }}"
    )
    assert route(text, "/").belief.level is Level.POSSIBLE
    assert route(text, "@ws").belief.level is Level.CERTAIN


def test_a_regex_location_takes_a_prefix_unless_it_is_barred() -> None:
    def text(modifier: str) -> str:
        return server(
            f"location {modifier} /ws/ {{ {UPGRADE} proxy_pass http://127.0.0.1:9; }}\n"
            "location ~ ^/ws { proxy_pass http://127.0.0.1:8; }"
        )

    (record,) = route(text(""), "/ws/").ineffective
    assert record.effect is Effect.SHADOWED
    assert (told(record.setting.place), told(record.cause)) == ("location  /ws/", "location ~ ^/ws")
    assert route(text("^~"), "^~ /ws/").ineffective == ()


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (
            "map $http_upgrade $bad { '' close; }",
            "it has no `default` and no key for `websocket`, so `Connection` is empty",
        ),
        (
            "map $http_upgrade $bad { default close; }",
            "it gives `close` for a handshake, and `Connection` must be `upgrade`",
        ),
        (
            "map $http_x_up $bad { default ''; websocket upgrade; }",
            "it looks at `$http_x_up`, which is not the client's `Upgrade` header",
        ),
        (
            "map $http_connection $bad { upgrade upgrade; }",
            "it gives nothing for `Connection: keep-alive, Upgrade`, which Firefox sends",
        ),
        (
            "map $http_connection $bad { default close; ~^upgrade upgrade; ~*^upgrade upgrade; }",
            "it gives `close` for `Connection: keep-alive, Upgrade`, which Firefox sends",
        ),
    ],
)
def test_a_map_that_gives_no_upgrade_is_broken(block: str, reason: str) -> None:
    location = (
        "location /ws/ { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
        "proxy_set_header Connection $bad; proxy_pass http://127.0.0.1:9; }"
    )
    text = whole(f"{block}\nserver {{ {location} }}")
    (record,) = route(text, "/ws/").ineffective
    assert (record.effect, record.reason) == (Effect.MAP_BROKEN, reason)
    assert told(record.setting.place) == block.partition(" {")[0]
    assert told(record.cause) == "proxy_set_header Connection $bad"


@pytest.mark.parametrize(
    ("entries", "value"),
    [
        ("WebSocket upgrade;", "upgrade"),
        ("~*^web upgrade; default close;", "upgrade"),
        ("volatile; default upgrade; '' close;", "upgrade"),
        ("~(a+)+$ upgrade; default close;", None),
    ],
)
def test_a_map_is_evaluated_for_a_handshake(entries: str, value: str | None) -> None:
    text = whole(
        f"map $http_upgrade $up {{ {entries} }}\nserver {{ location /ws/ {{ "
        "proxy_set_header Connection $up; proxy_pass http://127.0.0.1:9; } }"
    )
    connection = route(text, "/ws/").connection
    assert held(connection) == value


def test_an_undefined_variable_is_broken_in_a_whole_configuration_only() -> None:
    inner = (
        "location /ws/ { proxy_set_header Upgrade $http_upgrade; "
        "proxy_set_header Connection $nowhere; proxy_pass http://127.0.0.1:9; }"
    )
    (record,) = route(server(inner), "/ws/").ineffective
    assert record.setting.name == "$nowhere"
    assert record.reason.endswith("so that nginx refuses to start")
    assert told(record.setting.place) == "proxy_set_header Connection $nowhere"
    assert route(f"server {{ {inner} }}", "/ws/").ineffective == ()


def test_a_fragment_claims_nothing_that_its_outer_blocks_may_say() -> None:
    found = route("server { location /up/ { proxy_pass http://127.0.0.1:9; } }", "/up/")
    assert (found.idle, found.timeouts, found.host_kept, found.retries) == (None, (), None, None)
    assert found.forwards[0].http_version is None
    assert found.forwards[0].pool.drain_time is None
    assert held(found.upgrade) is None
    assert held(found.connection) is None


def test_a_fragment_of_locations_is_read() -> None:
    found = route(f"location /ws/ {{ {UPGRADE} proxy_pass http://app; }}", "/ws/")
    assert held(found.upgrade) == "websocket"
    assert (found.forwards[0].pool.targets, found.forwards[0].pool.complete) == ((), False)


def test_fragments_see_each_others_maps_and_upstreams() -> None:
    site = f"server {{ location /ws/ {{ {UPGRADE} proxy_pass http://app; }} }}"
    found = topology(site, None, MAP, "upstream app { server 10.0.0.1:80; }").routes[0]
    assert held(found.connection) == "upgrade"
    assert [t.name for t in found.forwards[0].pool.targets] == ["10.0.0.1:80"]


def test_the_wrong_timeout_raised_is_recorded() -> None:
    text = server(
        f"location /ws/ {{ {UPGRADE} proxy_send_timeout 1h; proxy_pass http://127.0.0.1:9; }}"
    )
    (record,) = route(text, "/ws/").ineffective
    assert record.effect is Effect.WRONG_TIMEOUT
    assert brief(record.setting) == (3600.0, "set", "proxy_send_timeout 1h")


def test_a_declared_path_without_the_slash_of_its_location_is_redirected() -> None:
    text = server(f"location /ws/ {{ {UPGRADE} proxy_pass http://127.0.0.1:9; }}")
    found = route(text, "/ws/", Declared(websocket_paths=("/ws",)))
    assert found.redirect is not None
    assert found.redirect.kind is RedirectKind.SLASH
    assert brief(found.redirect.status) == (301, "set", "location /ws/")
    assert route(text, "/ws/", Declared(websocket_paths=("/ws/",))).redirect is None


def test_plain_http_with_an_https_twin_is_no_redirect_on_the_handshake() -> None:
    plain = "server { listen 80; server_name a.example; return 301 https://$host$request_uri; }\n"
    twin = (
        f"server {{ listen 443 ssl; server_name a.example; location /ws {{ {UPGRADE} "
        "proxy_pass http://127.0.0.1:9; } }"
    )
    declared = Declared(websocket_paths=("/ws",))
    assert [r.redirect for r in topology(whole(plain + twin), declared).routes] == [None]
    (alone,) = topology(whole(plain), declared).routes
    assert alone.redirect is not None
    assert alone.redirect.kind is RedirectKind.SCHEME
    assert brief(alone.redirect.status)[2] == "return 301 https://$host$request_uri"


def test_a_redirect_that_a_handshake_does_not_meet_is_none() -> None:
    text = server(
        "set $is_ws 0; if ($http_upgrade = websocket) { set $is_ws 1; }\n"
        f"location /ws {{ if ($is_ws = 0) {{ return 308 /; }} {UPGRADE}\n"
        "proxy_pass http://127.0.0.1:9; }"
    )
    found = route(text, "/ws", Declared(websocket_paths=("/ws",)))
    assert (found.redirect, found.belief.level) == (None, Level.CERTAIN)


def test_a_redirect_in_a_websocket_location_is_met() -> None:
    (found,) = topology(server("location /ws { return 302 /other; }")).routes
    assert found.redirect is not None
    assert found.redirect.kind is RedirectKind.OTHER
    assert found.belief.level is Level.LIKELY


def test_alterations_of_the_handshake_are_recorded() -> None:
    text = server(
        f"location /ws {{ {UPGRADE} proxy_hide_header Upgrade; proxy_hide_header Connection; "
        'proxy_set_header Sec-WebSocket-Key ""; proxy_set_header Sec-WebSocket-Extensions ""; '
        "proxy_method POST; proxy_pass_request_headers off; proxy_pass http://127.0.0.1:9; }"
    )
    assert [(told(a.setting.place), a.header) for a in route(text, "/ws").alterations] == [
        ('proxy_set_header Sec-WebSocket-Key ""', "Sec-WebSocket-Key"),
        ("proxy_hide_header Upgrade", "Upgrade"),
        ("proxy_pass_request_headers off", ""),
        ("proxy_method POST", ""),
    ]


def test_a_map_that_is_right_in_the_wrong_header_is_not_broken() -> None:
    swapped = UPGRADE.replace("$http_upgrade", "$connection_upgrade")
    found = route(server(f"location /ws {{ {swapped} proxy_pass http://127.0.0.1:9; }}"), "/ws")
    assert found.ineffective == ()
    assert brief(found.upgrade)[::2] == ("upgrade", "proxy_set_header Upgrade $connection_upgrade")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [("proxy_hide_header Upgrade;", "proxy_pass_header upgrade;"),
     ("", "proxy_hide_header Upgrade; proxy_pass_header Upgrade;"),
     ("proxy_pass_header Upgrade;", "proxy_hide_header Upgrade;")],
)  # fmt: skip
def test_a_header_that_is_let_through_is_not_hidden(outer: str, inner: str) -> None:
    location = f"location /ws {{ {UPGRADE} {inner} proxy_pass http://127.0.0.1:9; }}"
    assert route(server(f"{outer} {location}"), "/ws").alterations == ()


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ("", False),
        ("proxy_set_header Host $host;", True),
        ("proxy_set_header Host a.example;", None),
    ],
)
def test_the_host_header_is_kept_or_not(headers: str, kept: bool | None) -> None:
    text = server(f"location /ws {{ {headers} proxy_pass http://127.0.0.1:9; }}")
    host = route(text, "/ws").host_kept
    assert (host.value if host else None) is kept


def test_an_if_on_the_upgrade_header_is_a_route_of_its_own() -> None:
    text = server(
        'location / { if ($http_upgrade = "websocket") { proxy_pass http://127.0.0.1:9; }\n'
        "proxy_pass http://127.0.0.1:8; }"
    )
    outer, inner = topology(text).routes
    assert outer.belief.level is Level.POSSIBLE
    assert inner.belief.level is Level.CERTAIN
    assert [f.pool.name for f in inner.forwards] == ["127.0.0.1:9"]


def test_error_page_with_an_equals_sign_masks_a_dead_target() -> None:
    def text(page: str) -> str:
        return server(
            f"error_page 502 503 504 {page};\nlocation /m {{ return 200 'later'; }}\n"
            "location /n { return 503; }\nlocation /ws { proxy_pass http://127.0.0.1:9; }"
        )

    masked = route(text("=200 /down.html"), "/ws").masked_errors
    assert brief(masked) == (200, "inherited", "error_page 502 503 504 =200 /down.html")
    assert brief(route(text("= /m"), "/ws").masked_errors)[0] == 200
    assert route(text("= /n"), "/ws").masked_errors is None
    assert route(text("/m"), "/ws").masked_errors is None


def test_a_declared_path_belongs_to_the_server_that_has_a_location_for_it() -> None:
    text = whole(
        "server { server_name a.example; location /ws { proxy_pass http://127.0.0.1:9; } }\n"
        "server { server_name b.example; location / { proxy_pass http://127.0.0.1:8; } }"
    )
    found = topology(text, Declared(websocket_paths=("/ws",))).routes
    assert [r.belief.level for r in found] == [Level.CERTAIN, Level.POSSIBLE]
    assert found[0].belief.evidence == "the profile declares `/ws`"


def test_stream_servers_are_routes_that_only_silence_ends() -> None:
    text = (
        "events {}\nstream {\nupstream ws { server 10.0.0.1:80; server 10.0.0.2:80; }\n"
        "server { listen 9000; proxy_pass ws; } }"
    )
    (found,) = topology(text).routes
    assert brief(found.idle) == (600.0, "default", "server")
    assert (found.upgrade, found.connection, found.forwards[0].pool.mode) == (None, None, "tcp")
    assert found.belief.level is Level.LIKELY


def test_a_misspelt_header_variable_is_that_of_a_header_nobody_sends() -> None:
    text = server(
        "location /ws { proxy_set_header Upgrade $http_upgarde; "
        "proxy_set_header Connection $http_conection; proxy_pass http://127.0.0.1:9; }\n"
        "location /x { proxy_set_header Upgrade $http_x_upgrade; proxy_pass http://127.0.0.1:9; }"
    )
    found = route(text, "/ws")
    assert brief(found.upgrade) == ("", "set", "proxy_set_header Upgrade $http_upgarde")
    assert brief(found.connection) == ("", "set", "proxy_set_header Connection $http_conection")
    assert brief(route(text, "/x").upgrade)[0] is None


def test_a_location_that_sends_handshakes_elsewhere_carries_none_though_all_are_declared() -> None:
    text = server(
        "location / { error_page 418 = @up; if ($http_upgrade ~* websocket) { return 418; }\n"
        "proxy_pass http://127.0.0.1:8; }\n"
        f"location @up {{ {UPGRADE} proxy_pass http://127.0.0.1:9; }}"
    )
    everything = Declared(websocket_paths=("/",))
    assert route(text, "/", everything).belief.level is Level.POSSIBLE
    assert route(text, "@up", everything).belief.level is Level.CERTAIN


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("snippets/tls-options.conf", True),
        ("/etc/letsencrypt/options-ssl-nginx.conf", True),
        ("security_headers.conf", True),
        ("ssl-proxy.conf", False),
        ("snippets/proxy.conf", False),
        ("common.conf", False),
    ],
)
def test_a_missing_include_hides_defaults_unless_its_name_is_about_something_else(
    name: str, known: bool
) -> None:
    found = route(
        server(f"include {name}; location /ws {{ proxy_pass http://127.0.0.1:9; }}"), "/ws"
    )
    assert (found.idle is not None) is known
