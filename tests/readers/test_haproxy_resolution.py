"""What is really in force in HAProxy: defaults, edges, idle time, traffic, chains of hops."""

import math

import pytest

from lbcheck.model import (
    Declared,
    Effect,
    Level,
    Origin,
    Place,
    RedirectKind,
    Route,
    Source,
    Span,
    Topology,
)
from lbcheck.sources import haproxy
from lbcheck.sources.files import Files

NOTHING_DECLARED = Declared()


def resolve(*texts: str, declared: Declared = NOTHING_DECLARED) -> Topology:
    sources = [Source(f"{n}.cfg", "haproxy", text) for n, text in enumerate(texts)]
    topology = haproxy.read([sources], Files(), declared)
    assert [trouble for source in sources for trouble in source.troubles] == []
    return topology


def line(place: Place | None) -> str:
    assert isinstance(place, Span)
    assert place.source.text is not None
    return place.source.text[place.start : place.end]


def only(topology: Topology) -> Route:
    (route,) = topology.routes
    return route


BASE = """\
global
    hard-stop-after 30m
defaults
    mode http
    timeout connect 5s
    timeout client 40s
    timeout server 30s
"""
FRONT = "frontend web\n    bind :80\n    default_backend ws\n"
BACK = "backend ws\n    server a 127.0.0.1:9001 check\n"


def test_without_a_tunnel_timeout_the_smaller_of_client_and_server_cuts() -> None:
    route = only(resolve(BASE + FRONT + BACK))
    assert route.tunnel_missing
    assert route.idle is not None
    assert (route.idle.name, route.idle.value) == ("timeout server", 30.0)
    assert route.idle.origin is Origin.INHERITED
    assert line(route.idle.place) == "timeout server 30s"
    assert [setting.name for setting in route.timeouts] == ["timeout client", "timeout connect"]


def test_of_two_equal_timeouts_the_client_is_named() -> None:
    route = only(resolve(BASE.replace("40s", "30s") + FRONT + BACK))
    assert route.idle is not None
    assert route.idle.name == "timeout client"


def test_a_tunnel_timeout_replaces_both_even_where_it_is_shorter() -> None:
    route = only(resolve(BASE + FRONT + BACK + "    timeout tunnel 3600\n"))
    assert not route.tunnel_missing
    assert route.idle is not None
    assert (route.idle.value, route.idle.unitless, route.idle.origin) == (3.6, True, Origin.SET)
    assert route.belief.level is Level.CERTAIN


def test_a_tunnel_timeout_of_zero_counts_as_none() -> None:
    route = only(resolve(BASE + FRONT + BACK + "    timeout tunnel 0\n"))
    assert route.idle is not None
    assert (route.tunnel_missing, route.idle.value) == (True, 30.0)
    assert ("timeout tunnel", 0.0) in [(s.name, s.value) for s in route.timeouts]


def test_an_unset_timeout_never_cuts() -> None:
    route = only(resolve("defaults\n    mode http\n" + FRONT + BACK))
    assert route.idle is not None
    assert (route.idle.value, route.idle.origin) == (math.inf, Origin.DEFAULT)
    assert line(route.idle.place) == "frontend web"


def test_in_a_fragment_an_unset_timeout_is_not_known() -> None:
    route = only(resolve(FRONT + BACK))
    assert route.idle is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("1day", 86400.0), ("1h30m", 3600.0), ("90s", 90.0), ("500us", 0.0005), ("2m", 120.0)],
)
def test_times_are_read_as_haproxy_reads_them(text: str, value: float) -> None:
    route = only(resolve(BASE + FRONT + BACK + f"    timeout tunnel {text}\n"))
    assert route.idle is not None
    assert route.idle.value == value


def test_timeouts_in_the_wrong_section_are_ineffective() -> None:
    front = FRONT + "    timeout tunnel 1h\n"
    route = only(resolve(BASE + front + BACK + "    timeout client 1h\n"))
    assert [(i.effect, line(i.setting.place)) for i in route.ineffective] == [
        (Effect.TIMEOUT_INEFFECTIVE, "timeout tunnel 1h"),
        (Effect.TIMEOUT_INEFFECTIVE, "timeout client 1h"),
    ]


def test_defaults_are_the_last_ones_above_across_files() -> None:
    first = BASE + "    timeout tunnel 1h\n" + FRONT
    second = "defaults\n    mode http\n    timeout tunnel 2h\n"
    third = BACK
    route = only(resolve(first, second, third))
    assert route.idle is not None
    assert route.idle.value == 7200.0


def test_from_names_the_defaults_and_they_chain() -> None:
    text = (
        "defaults one\n    mode http\n    timeout tunnel 1h\n"
        "defaults two from one\n    timeout client 9s\n"
        "defaults\n    mode tcp\n"
        "frontend web from two\n    bind :80\n    default_backend ws\n"
        "backend ws from two\n    server a 127.0.0.1:9001 check\n"
    )
    topology = resolve(text)
    route = only(topology)
    assert route.idle is not None
    assert (route.idle.value, topology.pools[0].mode) == (3600.0, "http")


def test_a_branch_that_cannot_be_decided_makes_the_value_unknown() -> None:
    back = BACK + ".if feature(QUIC)\n    timeout tunnel 1h\n.else\n    timeout tunnel 2s\n.endif\n"
    route = only(resolve(BASE + FRONT + back))
    assert (route.idle, route.tunnel_missing) == (None, False)


def test_branches_that_can_be_decided_are() -> None:
    back = (
        BACK
        + ".if version_atleast(2.8)\n    timeout tunnel 1h\n.else\n    timeout tunnel 2s\n.endif\n"
    )
    known = only(resolve(BASE + FRONT + back, declared=Declared(haproxy_version=(2, 9))))
    older = only(resolve(BASE + FRONT + back, declared=Declared(haproxy_version=(2, 6, 12))))
    unknown = only(resolve(BASE + FRONT + back))
    assert [r.idle and r.idle.value for r in (known, older, unknown)] == [3600.0, 2.0, None]


def test_a_template_loop_makes_targets_unreadable_and_the_pool_incomplete() -> None:
    back = (
        "backend ws\n    {% for s in servers %}\n    server {{ s }} {{ s.ip }}:80 check\n"
        "    {% endfor %}\n"
    )
    (pool,) = resolve(BASE + FRONT + back).pools
    assert (pool.complete, [t.unreadable for t in pool.targets]) == (False, [True])


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<% @nodes.each do |s| -%>", "<% end -%>"),
        ("<%- nodes.each_with_index do |s, i| -%>", "<%- end -%>"),
        ("<% nodes.each { |s| %>", "<% } %>"),
        ("<% s = nodes.first -%>\n    <% if s -%>", "<% end -%>"),
        ("{{ range .Nodes }}", "{{ end }}"),
    ],
)
def test_around_a_loop_of_servers_a_backend_is_read(begin: str, end: str) -> None:
    server = "server <%= s.name %> <%= s.ip %>:80 check"
    back = f"backend ws\n    {begin}\n    {server}\n    {end}\n    server a 127.0.0.1:1\n"
    route = only(resolve(BASE + FRONT + back))
    assert route.tunnel_missing
    assert route.idle is not None


@pytest.mark.parametrize("line", ["<%= timeouts %>", "<%- timeouts %>", "{{ timeouts }}"])
def test_what_a_placeholder_may_say_is_not_missing(line: str) -> None:
    route = only(resolve(BASE + FRONT + BACK + f"    {line}\n"))
    assert not route.tunnel_missing


def test_timeouts_are_read_by_their_old_names() -> None:
    old = "defaults\n    mode http\n    contimeout 5000\n    clitimeout 50000\n    srvtimeout 2m\n"
    route = only(resolve(old + FRONT + BACK))
    assert route.idle is not None
    assert (route.idle.name, route.idle.value) == ("timeout client", 50.0)
    assert line(route.idle.place) == "clitimeout 50000"


def test_setenv_is_known_below_it_only() -> None:
    text = 'global\n    setenv T 1h\ndefaults\n    mode http\n    timeout tunnel "$T"\n'
    route = only(resolve(text + FRONT + BACK))
    assert route.idle is not None
    assert route.idle.value == 3600.0
    late = text.replace("    setenv T 1h\n", "") + "global\n    setenv T 1h\n"
    assert only(resolve(late + FRONT + BACK)).idle is None


WS = "    use_backend ws if is_ws\n    default_backend pages\n"
PAGES = "backend pages\n    server p 127.0.0.1:9002 check\n"


def edges(acl: str, extra: str = "", declared: Declared = NOTHING_DECLARED) -> list[Route]:
    front = f"frontend web\n    bind :80\n    {acl}\n{extra}{WS}"
    return list(resolve(BASE + front + BACK + PAGES, declared=declared).routes)


def test_an_upgrade_acl_proves_websockets_on_its_edge_alone() -> None:
    ws, pages = edges("acl is_ws hdr(Upgrade) -i websocket")
    assert (ws.address, ws.path) == ("frontend[web]/use_backend[ws if is_ws]", "if is_ws")
    assert ws.belief.level is Level.CERTAIN
    assert ws.belief.evidence == "`hdr(Upgrade) -i websocket` tells handshakes apart"
    assert ws.ineffective == ()
    assert (pages.address, pages.covers_all) == ("frontend[web]/default_backend[pages]", True)
    assert pages.belief.level is Level.POSSIBLE


@pytest.mark.parametrize(
    ("acl", "missed"),
    [
        ("hdr(Upgrade) WebSocket", True),
        ("req.hdr(Connection) Upgrade", True),
        ("hdr(Upgrade) websocket", False),
        ("hdr(Upgrade) -m found", False),
        ("path_beg /ws", False),
    ],
)
def test_upgrade_tests_that_depend_on_case_are_recorded(acl: str, missed: bool) -> None:
    ws = edges(f"acl is_ws {acl}")[0]
    found = [(i.effect, line(i.setting.place)) for i in ws.ineffective]
    assert found == ([(Effect.CASE_SENSITIVE, f"acl is_ws {acl}")] if missed else [])


def test_a_second_acl_line_makes_up_for_the_case() -> None:
    acl = "acl is_ws hdr(Upgrade) WebSocket\n    acl is_ws hdr(Upgrade) -i websocket"
    assert edges(acl)[0].ineffective == ()


@pytest.mark.parametrize(
    ("earlier", "hidden"),
    [
        ("use_backend pages if { path_beg / }", True),
        ("use_backend pages if { path_beg /ws }", True),
        ("use_backend pages if { method GET }", True),
        ("use_backend pages if { path_beg /wsx }", False),
        ("use_backend pages if { path_beg /ws/x }", False),
        ("use_backend pages if { hdr(host) -i pages.example }", False),
        ("use_backend pages unless { hdr(Upgrade) -i websocket }", False),
        ("use_backend ws if { path_beg / }", False),
        ("use_backend pages if { path_beg / } { hdr(host) -i pages.example }", False),
        ("use_backend pages if { path_beg / } { method GET }", True),
        ("use_backend pages if { path_beg / } !{ method POST }", True),
        ("use_backend pages if { path_beg / } { src 10.0.0.0/8 } || { path_beg /ws }", True),
    ],
)
def test_only_what_provably_takes_the_handshakes_shadows(earlier: str, hidden: bool) -> None:
    routes = edges("acl is_ws path_beg /ws", f"    {earlier}\n")
    found = [(i.effect, i.cause and line(i.cause)) for i in routes[1].ineffective]
    assert found == ([(Effect.SHADOWED, earlier)] if hidden else [])


def test_a_declared_path_is_certain_where_an_edge_names_it() -> None:
    declared = Declared(websocket_paths=("/chat",))
    chat, pages = edges("acl is_ws path_beg /chat", declared=declared)
    assert (chat.belief.level, pages.belief.level) == (Level.CERTAIN, Level.POSSIBLE)
    assert chat.belief.evidence == "the profile declares `/chat`"


@pytest.mark.parametrize(
    ("test", "named"),
    [
        ("path_reg ^/chat", True),
        ("path_reg ^/(news|chat)(/.*)?$", True),
        ("path_reg -i ^/CHAT/?$", True),
        ("path -m reg ^/chat$", True),
        ("path_end chat", True),
        ("path_sub cha", True),
        ("path_reg ^/news", False),
        ("path_reg (c+)+hat", False),
        ("path_reg " + "c?" * 9 + "hat", False),
        ("path_end .html", False),
    ],
)
def test_a_declared_path_is_looked_for_in_other_ways_too(test: str, named: bool) -> None:
    declared = Declared(websocket_paths=("/chat",))
    other, pages = edges(f"acl is_ws {test}", declared=declared)
    assert (other.belief.level, pages.belief.level) == (
        (Level.CERTAIN, Level.POSSIBLE) if named else (Level.LIKELY, Level.CERTAIN)
    )


def test_a_declared_path_that_no_edge_names_takes_the_default() -> None:
    declared = Declared(websocket_paths=("/chat",))
    other, pages = edges("acl is_ws path_beg /api", declared=declared)
    assert other.belief.evidence == "`is_ws` names `ws`"
    assert (pages.belief.level, pages.belief.evidence) == (
        Level.CERTAIN,
        "the profile declares `/chat`",
    )


def test_behind_a_rule_for_every_handshake_no_declared_path_arrives() -> None:
    declared = Declared(websocket_paths=("/chat",))
    acl = "acl is_ws hdr(Upgrade) -i websocket"
    chat, pages = edges(acl, declared=declared)
    assert (chat.belief.level, pages.belief.level) == (Level.CERTAIN, Level.POSSIBLE)


def test_all_paths_are_those_behind_the_first_rule_for_a_path_too() -> None:
    declared = Declared(websocket_paths=("/",))
    levels = [r.belief.level for r in edges("acl is_ws path_beg /chat", declared=declared)]
    assert levels == [Level.CERTAIN, Level.CERTAIN]


def test_certificate_challenges_are_not_among_all_paths() -> None:
    declared = Declared(websocket_paths=("/",))
    routes = edges("acl is_ws path_beg /.well-known/acme-challenge/", declared=declared)
    assert [r.belief.declared for r in routes] == [False, True]


def test_a_name_makes_websockets_likely_by_whole_words_only() -> None:
    news = edges("acl is_ws path_beg /news")[0]
    assert news.belief.level is Level.LIKELY  # the backend is called `ws`
    text = BASE + FRONT.replace(" ws", " newsletter") + BACK.replace(" ws", " newsletter")
    assert only(resolve(text)).belief.level is Level.POSSIBLE


@pytest.mark.parametrize(
    "rule",
    [
        "http-request del-header Upgrade",
        "http-request del-header ^upg -m reg",
        "http-request del-header up -m beg",
    ],
)
def test_a_deleted_upgrade_header_is_seen_by_the_target(rule: str) -> None:
    route = only(resolve(BASE + FRONT + BACK + f"    {rule}\n"))
    assert route.upgrade is not None
    assert (route.upgrade.value, line(route.upgrade.place)) == ("", rule)


def test_a_connection_header_set_to_close_is_seen_by_the_target() -> None:
    rule = "http-request set-header Connection close"
    route = only(resolve(BASE + FRONT + f"    {rule}\n" + BACK))
    assert route.connection is not None
    assert (route.connection.value, line(route.connection.place)) == ("close", rule)


@pytest.mark.parametrize(
    "rule",
    [
        "option httpclose",
        "option http-server-close",
        "option http-pretend-keepalive",
        "option abortonclose",
        "option forwardfor",
        "http-reuse always",
        "compression algo gzip",
        "http-request set-header Host chat.example",
        "http-request del-header X-Forwarded-For",
        "http-request del-header Sec-WebSocket-Extensions",
        "http-request del-header ^Upg -m reg",
        "http-request del-header Upgrade unless { hdr(Upgrade) -i websocket }",
        "http-request del-header Upgrade if { hdr(Upgrade) -i h2c }",
        "http-request del-header Connection if { src 10.0.0.0/8 }",
        "http-request deny unless { method GET }",
        "http-request deny if METH_CONNECT",
        "http-response del-header Sec-WebSocket-Accept",
        "http-response set-header Connection close if !{ status 101 }",
        "http-response set-header Connection close unless { status 101 }",
        "http-response set-status 503 if { status ge 500 }",
    ],
)
def test_what_does_not_harm_a_handshake_leaves_no_trace(rule: str) -> None:
    route = only(resolve(BASE + FRONT + BACK + f"    {rule}\n"))
    seen = route.upgrade, route.connection, route.alterations, route.redirect, route.ineffective
    assert seen == (None, None, (), None, ())


def test_an_upgrade_set_to_itself_is_no_loss() -> None:
    back = BACK + "    http-request set-header Upgrade websocket\n"
    back += "    http-request set-header Connection upgrade\n"
    route = only(resolve(BASE + FRONT + back))
    assert route.upgrade is not None
    assert route.connection is not None
    assert (route.upgrade.value, route.connection.value) == ("websocket", "upgrade")


@pytest.mark.parametrize(
    ("rule", "header"),
    [
        ("http-request del-header Sec-WebSocket-Key", "Sec-WebSocket-Key"),
        ("http-request set-header Sec-WebSocket-Version 8", "Sec-WebSocket-Version"),
        ("http-response del-header Upgrade", "Upgrade"),
        ("http-response set-header Connection close", "Connection"),
        ("http-after-response set-header Connection close", "Connection"),
        ("http-response set-status 200", "status"),
    ],
)
def test_changes_of_the_handshake_are_recorded(rule: str, header: str) -> None:
    route = only(resolve(BASE + FRONT + BACK + f"    {rule}\n"))
    assert [(a.header, line(a.setting.place)) for a in route.alterations] == [(header, rule)]


@pytest.mark.parametrize(
    ("bind", "rule", "kind"),
    [
        (":80", "http-request redirect scheme https unless { ssl_fc }", RedirectKind.SCHEME),
        (":80", "redirect scheme https code 301 if !{ ssl_fc }", RedirectKind.SCHEME),
        (":80", "http-request redirect prefix /v2 if { path_beg / }", RedirectKind.OTHER),
        (":80", "http-request deny", RedirectKind.OTHER),
        (":443 ssl crt x.pem", "redirect scheme https if !{ ssl_fc }", None),
        (":80", "redirect scheme https if !{ hdr(X-Forwarded-Proto) https }", None),
        (":80", "http-request redirect location /app if { path / }", None),
    ],
)
def test_redirects_count_where_a_handshake_provably_meets_them(
    bind: str, rule: str, kind: RedirectKind | None
) -> None:
    front = f"frontend web\n    bind {bind}\n    {rule}\n    default_backend ws\n"
    found = only(resolve(BASE + front + BACK)).redirect
    assert (found and found.kind) == kind
    if found:
        assert line(found.status.place) == rule


@pytest.mark.parametrize(
    ("rules", "paths", "status"),
    [
        ("redirect location /app if !{ path_beg /app }", ("/ws",), 302),
        ("redirect location /app if !{ path_beg /app }", ("/app/ws",), None),
        ("redirect location /app if !{ path_beg /app }", ("/app/ws", "/ws"), 302),
        ("redirect location /app if !{ path_beg /app }", ("/",), None),
        ("deny if !{ path_beg /api }", ("/ws",), 403),
        ("set-path /app\n    http-request deny if !{ path_beg /api }", ("/ws",), None),
        ("set-path /a if { src ::1 }\n    http-request deny if { path_beg /w }", ("/ws",), None),
        ("set-path /a if { path_beg /b }\n    http-request deny if { path_beg /w }", ("/ws",), 403),
        ("allow if { path_beg /ws }\n    http-request deny", ("/ws",), None),
    ],
)
def test_a_declared_path_meets_conditions_on_the_path(
    rules: str, paths: tuple[str, ...], status: int | None
) -> None:
    front = FRONT + f"    http-request {rules}\n"
    found = only(resolve(BASE + front + BACK, declared=Declared(websocket_paths=paths))).redirect
    assert (found and found.status.value) == status


def test_a_rule_for_one_of_the_paths_of_an_acl_may_be_meant_so() -> None:
    acl = "acl is_ws path_beg /ws /wsadmin"
    rule = "    http-request deny if { path_beg /wsadmin }\n"
    assert edges(acl, rule)[0].redirect is None


def test_a_plain_listener_with_an_https_twin_redirects_rightly() -> None:
    plain = "frontend plain\n    bind :80\n    redirect scheme https\n    default_backend ws\n"
    tls = "frontend tls\n    bind :443 ssl crt x.pem\n    default_backend ws\n"
    assert [r.redirect for r in resolve(BASE + plain + tls + BACK).routes] == [None, None]


def test_the_outer_hop_of_a_chain_believes_what_the_inner_one_knows() -> None:
    text = (
        BASE + "frontend tcp_in\n    mode tcp\n    bind :443\n    default_backend hop\n"
        "backend hop\n    mode tcp\n    server inner unix@/run/edge.sock send-proxy\n"
        "frontend edge\n    bind unix@/run/edge.sock accept-proxy\n    default_backend app\n"
        "backend app\n    timeout tunnel 1h\n    server a 127.0.0.1:9001 check\n"
    )
    outer, inner = resolve(text).routes
    assert outer.belief.evidence == "leads to frontend `edge`: `app` sets `timeout tunnel`"
    assert (outer.belief.level, inner.belief.level) == (Level.CERTAIN, Level.CERTAIN)
    assert outer.tunnel_missing
    assert not inner.tunnel_missing


@pytest.mark.parametrize(
    "section",
    [
        "listen stats\n    bind :9000\n    stats enable\n",
        "listen db\n    mode tcp\n    bind :1\n    option mysql-check\n    server d 127.0.0.1:1\n",
        "listen kv\n    mode tcp\n    bind :1\n    option redis-check\n    server d 127.0.0.1:1\n",
        "frontend only\n    bind :80\n    http-request redirect scheme https\n",
    ],
)
def test_sections_that_carry_no_websockets_have_no_routes(section: str) -> None:
    topology = resolve(BASE + section, declared=Declared(websocket_paths=("/",)))
    assert (topology.routes, topology.pools) == ((), ())


def test_a_dynamic_name_leads_to_every_backend_that_begins_like_it() -> None:
    front = "frontend web\n    bind :80\n    use_backend be_%[hdr(host)]\n"
    backs = "".join(f"backend {n}\n    server a 127.0.0.1:1 check\n" for n in ("be_a", "be_b", "x"))
    routes = resolve(BASE + front + backs).routes
    assert [r.forwards[0].pool.name for r in routes] == ["be_a", "be_b"]
    assert {r.belief.level for r in routes} == {Level.POSSIBLE}


def test_a_statement_before_any_section_is_told_once() -> None:
    source = Source("x.cfg", "haproxy", "server a 1:1\nserver b 1:2\nbackend b\n")
    haproxy.read([[source]], Files(), Declared())
    (trouble,) = source.troubles
    assert (trouble.message, trouble.start) == ("stands before the first section", 0)
