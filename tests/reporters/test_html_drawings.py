"""The way of a quiet WebSocket and the targets, drawn from real configurations."""

import pathlib

import pytest

from lbcheck.reporters import Style, html
from lbcheck.run import Options, run
from tests.reporters.page import Element, parse

HEADERS = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;\n"
    "      proxy_set_header Connection upgrade;"
)


def nginx(*locations: str, outer: str = "") -> str:
    blocks = "\n".join(locations)
    pool = "upstream chat { server 10.0.0.1; server 10.0.0.2 down; }"
    return f"events {{}}\nhttp {{\n  {outer}\n  {pool}\n  server {{\n{blocks}\n  }}\n}}\n"


def location(path: str, idle: str = "") -> str:
    return f"    location {path} {{\n      {HEADERS} {idle}\n      proxy_pass http://chat; }}"


def page(folder: pathlib.Path, text: str, name: str = "nginx.conf", ping: str = "25") -> Element:
    (folder / name).write_text(text)
    options = Options(params={"heartbeat.interval_s": ping, "heartbeat.sender": "server"})
    return parse(html.render(run([str(folder / name)], options), Style(today="2026-11-23")))


def hops(root: Element) -> list[tuple[str, str, set[str]]]:
    """Of each drawing what it says of the hop, its tone, and the routes it is for."""
    told = []
    for figure in root.every("figure"):
        box = next(
            e for e in list(figure.every("rect")) if "box" in e.classes and e["height"] == "92"
        )
        says = list(figure.every("text"))[4].text
        tone = (box.classes - {"box"} or {""}).pop()
        told.append((says, tone, {item.text.partition(" /")[0] for item in figure.every("li")}))
    return told


def test_the_hop_that_cuts_is_red_and_the_healthy_one_is_not(tmp_path: pathlib.Path) -> None:
    short = location("/ws/", "proxy_read_timeout 20s;")
    root = page(tmp_path, nginx(location("/rt/", "proxy_read_timeout 2m;"), short))
    assert hops(root) == [
        ("cuts after 20s of silence", "error", {"http/server[_]/location[/ws/]"}),
        ("cuts after 120s of silence", "", {"http/server[_]/location[/rt/]"}),
    ]


def test_a_drawing_tells_the_way_in_words(tmp_path: pathlib.Path) -> None:
    root = page(tmp_path, nginx(location("/ws/", "proxy_read_timeout 20s;")))
    [drawing] = [svg for svg in root.every("svg") if "chain" in svg.classes]
    assert drawing["aria-label"] == (
        "client, the server pings every 25s; nginx proxy_read_timeout cuts after 20s of silence "
        "(error); chat: 2 targets"
    )
    assert [text.text for text in drawing.every("text")] == [
        "client",
        "the server pings every 25s",
        "nginx",
        "proxy_read_timeout",
        "cuts after 20s of silence",
        "targets",
        "chat: 2 targets",
    ]


def test_one_inherited_timeout_makes_every_route_red_though_it_is_told_once(
    tmp_path: pathlib.Path,
) -> None:
    text = nginx(location("/ws/"), location("/socket.io/"), outer="proxy_read_timeout 20s;")
    root = page(tmp_path, text)
    assert hops(root) == [
        (
            "cuts after 20s of silence",
            "error",
            {"http/server[_]/location[/ws/]", "http/server[_]/location[/socket.io/]"},
        )
    ]


def test_a_default_that_is_told_once_for_all_is_amber_at_all(tmp_path: pathlib.Path) -> None:
    (tmp_path / "nginx.conf").write_text(nginx(location("/ws/"), location("/socket.io/")))
    report = run([str(tmp_path / "nginx.conf")])
    assert [f.code for f in report.findings].count("LB302") == 1
    root = parse(html.render(report, Style()))
    [(says, tone, routes)] = hops(root)
    assert (says, tone, len(routes)) == (
        "cuts after 60s of silence (default)",
        "warning",
        2,
    )
    assert "a full bar" not in root.by_id("timeouts").text  # nobody has said who pings


def test_bars_are_as_long_as_the_silence_and_end_with_the_drawing(tmp_path: pathlib.Path) -> None:
    text = nginx(
        location("/ws/", "proxy_read_timeout 25s;"), location("/rt/", "proxy_read_timeout 1d;")
    )
    bars = [e for e in page(tmp_path, text).every("rect") if "bar" in e.classes]
    assert [bar["width"] for bar in bars] == ["120.0", "300.0"]  # a ping is at 120 of 300


def test_the_inner_hop_of_one_haproxy_is_the_one_that_is_red(tmp_path: pathlib.Path) -> None:
    from lbcheck.rules import BY_CODE

    example = BY_CODE["LB606"].examples[0]
    (tmp_path / "haproxy.cfg").write_text(example.bad)
    report = run([str(tmp_path / "haproxy.cfg")], Options(profiles=(example.profile,)))
    assert "LB606" in {finding.code for finding in report.findings}
    root = parse(html.render(report, Style()))
    drawings = [
        [e.classes - {"box"} for e in svg.every("rect") if "box" in e.classes]
        for svg in root.every("svg")
        if "inner hop" in svg["aria-label"]
    ]
    assert drawings
    for _client, outer, inner, _targets in drawings:
        assert (outer, len(inner)) == (set(), 1)


def test_targets_are_counted_by_their_state_and_the_ones_out_are_named(
    tmp_path: pathlib.Path,
) -> None:
    section = page(tmp_path, nginx(location("/ws/"))).by_id("targets")
    [row] = [tr for tr in section.every("tr") if list(tr.every("td"))]
    assert [span.text for span in row.every("span") if "badge" in span.classes] == [
        "1 in use",
        "1 down",
    ]
    assert [item.text for item in row.every("li")] == ["10.0.0.2: down"]


def test_pools_that_say_the_same_are_counted_with_the_one_that_is_shown(
    tmp_path: pathlib.Path,
) -> None:
    tenants = "".join(
        f"upstream chat{n} {{ server 10.0.0.{n}:80; }}\n"
        f"server {{ server_name t{n}.example; location /ws/ {{ {HEADERS} proxy_read_timeout 1h;\n"
        f" proxy_pass http://chat{n}; }} }}\n"
        for n in range(1, 60)
    )
    root = page(tmp_path, f"events {{}}\nhttp {{\n{tenants}}}\n")
    rows = [tr for tr in root.by_id("targets").every("tr") if list(tr.every("td"))]
    told = [row.text.partition("and ")[2].partition(" pool")[0] for row in rows]
    assert sum(1 + int(number or 0) for number in told) == 59
    [(_says, _tone, routes)] = hops(root)
    drawn = len([item for item in routes if "that are alike" not in item])
    [more] = [item.split()[1] for item in routes if "that are alike" in item]
    assert drawn + int(more) == 59


def test_targets_of_a_saved_account_are_healthy_or_not() -> None:
    state = pathlib.Path(__file__).parents[2] / "examples/aws-state.json"
    report = run([], Options(snapshots=(str(state),)))
    section = parse(html.render(report, Style())).by_id("targets")
    words = {span.text.split()[1] for span in section.every("span") if "badge" in span.classes}
    assert words == {"draining", "healthy"}


@pytest.mark.parametrize("name", ["<script>", "a" * 300])
def test_a_hostile_or_endless_pool_name_breaks_no_drawing(
    tmp_path: pathlib.Path, name: str
) -> None:
    text = nginx(location("/ws/")).replace("chat", f'"{name}"')
    for svg in page(tmp_path, text).every("svg"):
        assert max((len(t.text) for t in svg.every("text")), default=0) <= 38
