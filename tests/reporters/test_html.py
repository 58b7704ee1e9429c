"""The HTML page: safe with hostile text, loading nothing, readable for everybody."""

import re
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise

import pytest

from lbcheck.finding import Finding, Fix, Related, Severity, Trial, Verdict
from lbcheck.model import Trouble
from lbcheck.reporters import Style, html
from lbcheck.reporters.html.history import HEIGHT, WIDTH, History, Run, Turn, trend
from tests.reporters import reports
from tests.reporters.page import Element, parse

STYLE = Style(today="2026-11-23")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=http://evil.example/x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}</style>",
    "</title></pre></svg><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "javascript:alert(1)",
    "<!-- x --> ]]> &lt;b&gt; &#60;",
    "`<b>` `code` `",
)
TAGS = set(
    """
    html head meta title style body header nav main section footer article figure figcaption
    h1 h2 h3 p ul li a b span code pre br table thead tbody tr th td div
    svg rect path text polyline
""".split()
)
ATTRIBUTES = set(
    """
    lang charset http-equiv content name class id href aria-label aria-labelledby role tabindex
    scope viewbox width height x y rx d points
""".split()
)


def page(*findings: Finding, past: History | None = None, **changes: object) -> Element:
    return parse(html.render(reports.report(*findings, **changes), STYLE, past))


def full(words: str = "words") -> Element:
    """A page with every section, `words` in every place that a configuration can fill."""
    where = reports.source(f"x {words};\ny;", f"edge/{words}.conf")
    broken = reports.source("", f"broken/{words}.conf")
    broken.unread = True
    broken.troubles.append(Trouble(words, remedy=words))
    where.not_asked = (words,)
    finding = reports.finding(
        reports.location(where, "x"),
        message=words,
        evidence=words,
        address=words,
        notes=(words,),
        fix=Fix(words, command=words),
        related=(Related(reports.location(where, "y;"), words),),
        trial=Trial(Verdict.CONFIRMED, words),
    )
    silenced = reports.silenced("2026-11-29")
    return page(
        finding,
        reports.resource(severity=Severity.WARNING),
        suppressed=(silenced,),
        expiring=(silenced,),
        sources=(where, broken),
        not_asked=(words,),
        complete=False,
        hidden=2,
        baselined=(finding,),
        past=History((Run("a"), Run("b", errors=2)), (Turn(words, words, words, words),), words),
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_shown_as_text_wherever_it_comes_from(words: str) -> None:
    root = full(words)
    plain = full()
    assert [e.tag for e in root.every() if e.tag != "code"] == [
        e.tag for e in plain.every() if e.tag != "code"
    ]
    assert {e.tag for e in root.every()} <= TAGS
    assert {name for e in root.every() for name in e.attributes} <= ATTRIBUTES
    seen = root.one("main").text
    assert bare(seen).count(bare(words)) == plain.one("main").text.count("words")
    assert f"edge/{words}.conf" in seen  # a path is no message: its backticks stay


def bare(text: str) -> str:
    """Without the backticks that became code."""
    return text.replace("`", "")


def test_nothing_is_loaded_and_nothing_runs() -> None:
    root = full()
    assert not list(
        root.every("script", "link", "img", "iframe", "object", "embed", "base", "form")
    )
    for element in root.every():
        assert not {"src", "srcset", "style", "data", "action"} & set(element.attributes)
        assert not [name for name in element.attributes if name.startswith("on")]
        assert element.attributes.get("href", "#").startswith("#")
    css = root.one("style").text
    assert "url(" not in css
    assert "@import" not in css
    assert "http" not in css


def test_the_policy_allows_this_one_style_and_nothing_else() -> None:
    root = full()
    digest = b64encode(sha256(root.one("style").text.encode()).digest()).decode()
    [policy] = [m["content"] for m in root.every("meta") if "http-equiv" in m.attributes]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    head = [e.attributes.get("http-equiv") for e in root.one("head").every()]
    assert head.index("Content-Security-Policy") == 1  # before anything that it is about


def test_a_page_has_landmarks_a_language_and_a_title() -> None:
    root = full()
    assert root.one("html")["lang"] == "en"
    assert root.one("title").text == (
        "lbcheck: 1 error, 1 warning in 1 file and 1 AWS region "
        "(1 suppressed, 1 in the baseline, 2 not shown, 1 confirmed live, 1 expires in 6 days)"
    )
    assert [e.tag for e in root.one("body").inside if isinstance(e, Element)] == [
        "header",
        "nav",
        "main",
        "footer",
    ]
    for section in root.every("section"):
        label = section.attributes.get("aria-label") or root.by_id(section["aria-labelledby"]).text
        assert label


def test_headings_skip_no_level() -> None:
    levels = [int(e.tag[1]) for e in full().every("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_drawing_says_in_words_what_it_shows() -> None:
    drawings = list(full().every("svg"))
    assert len(drawings) == 5  # a trend for each tile
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert len(drawing["aria-label"]) > 10


def test_every_link_leads_somewhere_and_no_id_is_there_twice() -> None:
    root = full()
    ids = [e["id"] for e in root.every() if "id" in e.attributes]
    assert len(set(ids)) == len(ids)
    links = [a["href"].removeprefix("#") for a in root.every("a")]
    assert {"changes", "timeouts", "findings", "targets", "coverage", "LB301", "LB401"} <= set(
        links
    )
    assert set(links) <= set(ids)


def test_what_scrolls_can_be_reached_with_the_keyboard() -> None:
    for element in full().every():
        wraps = element.tag != "pre" or "command" in element.classes
        if not wraps or "scroll" in element.classes:
            assert element["tabindex"] == "0"
            assert element["aria-label"]


# --- colours


def colours() -> tuple[dict[str, str], dict[str, str]]:
    """The variables of the light and of the dark scheme."""
    css = full().one("style").text
    light, dark = re.findall(r":root \{\n(.*?)\}", css, re.DOTALL)[:2]
    assert "prefers-color-scheme: dark" in css
    told = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return told[0], told[0] | told[1]


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_a_contrast_of_at_least_4_5_in_both_schemes(scheme: int) -> None:
    known = colours()[scheme]
    written = [name for name in known if name.startswith("on-")]
    assert len(written) == 11
    ground = {name: known[name.removeprefix("on-")] for name in written}
    assert {n: c for n in written if (c := contrast(known[n], ground[n])) < 4.5} == {}
    # small print and links stand on the page itself, carets on a frame
    assert known["quiet"] == known["link"] == known["paper"]


def test_text_takes_its_colour_from_those_pairs_and_stands_on_its_ground() -> None:
    css = full().one("style").text
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", css)
    for selector, body in rules:
        said = dict(re.findall(r"(?<![\w-])(color|background): ([^;]+);", body))
        if "color" in said:
            name = re.fullmatch(r"var\(--on-([a-z]+)\)", said["color"])
            assert name, selector
            if name[1] != "quiet":
                assert said["background"] == f"var(--{name[1]})", selector
    fills = dict(re.findall(r"svg\.chain text(\.?\w*) \{[^}]*?fill: var\(--on-(\w+)\)", css))
    boxes = dict(re.findall(r"\.box(\.?\w*) \{ fill: var\(--(\w+)\)", css))
    assert fills == boxes == {"": "card", ".error": "failing", ".warning": "doubtful"}


def test_the_page_is_made_for_phones_and_paper_too() -> None:
    root = full()
    [viewport] = [
        m["content"] for m in root.every("meta") if m.attributes.get("name") == "viewport"
    ]
    assert viewport == "width=device-width, initial-scale=1"
    assert "@media print" in root.one("style").text


# --- what it tells


def test_a_finding_has_its_frame_its_fix_and_the_reason_why_it_matters() -> None:
    root = page(reports.chat(trial=Trial(Verdict.CONFIRMED, "cut after 10s")))
    article = root.one("article")
    assert article.one("h3").text == "error LB301 idle-timeout-below-heartbeat"
    assert article.one("pre").text == (
        "   4 |   location /ws/ {\n"
        "   6 |       proxy_read_timeout 10s;\n"
        "     |       ^^^^^^^^^^^^^^^^^^^^^^^\n"
    )
    words = [p.text for p in article.every("p")]
    assert words == [
        "edge/chat.conf:6:7",
        "cuts after 10s of silence; the next ping comes after 25s",
        "confirmed live: cut after 10s",
        "profile socketio-v4: the server pings every 25s",
        "Fix (safe): proxy_read_timeout 60s;",
        "certain: Upgrade headers are forwarded · why LB301 is bad, and how to mend it",
    ]
    assert "Any frame in either direction starts the idle timer again" in root.by_id("LB301").text


def test_a_live_resource_has_no_frame_and_its_arn() -> None:
    article = page(reports.resource()).one("article")
    assert not list(article.every("pre"))
    assert "targetgroup/chat/0123" in article.text


def test_backticks_are_code_and_an_odd_one_is_itself() -> None:
    messages = ["`a` and `b`", "`a and b", "`<i>`"]
    root = page(*[reports.chat(message=message) for message in messages])
    shown = [
        (p.text, [code.text for code in p.every("code")])
        for p in root.every("p")
        if "message" in p.classes
    ]
    assert shown == [("a and b", ["a", "b"]), ("`a and b", []), ("<i>", ["<i>"])]


@pytest.mark.parametrize(
    ("exit_code", "complete", "findings", "tone", "words"),
    [
        (0, True, (), "good", "Nothing was found, and everything was read"),
        (0, True, (reports.chat(),), "warning", "Nothing that fails this run"),
        (1, True, (reports.chat(),), "error", "What was found fails this run"),
        (1, False, (reports.chat(),), "error", "and not everything could be read"),
        (3, False, (), "warning", "Incomplete"),
        (4, True, (), "error", "A rule of lbcheck failed"),
    ],
)
def test_the_verdict_is_the_exit_code_in_words(
    exit_code: int, complete: bool, findings: tuple[Finding, ...], tone: str, words: str
) -> None:
    sources = (reports.source(),)
    root = page(*findings, exit_code=exit_code, complete=complete, sources=sources)
    assert root.one("header").classes == {tone}
    assert words in root.one("h1").text


def test_what_is_known_and_what_is_not_shown_is_counted_below_the_findings() -> None:
    root = page(reports.chat(), baselined=(reports.chat(),) * 2, known_as="on main", hidden=3)
    told = [p.text for p in root.by_id("findings").inside if getattr(p, "tag", "") == "p"]
    assert told[0].startswith("3 not shown")
    assert told[1] == "2 more findings on main."


def test_nothing_to_audit_is_no_clean_verdict() -> None:
    header = page(sources=(), complete=False, exit_code=3).one("header")
    assert (header.classes, header.one("h1").text) == ({"warning"}, "There was nothing to audit")


def test_values_that_nobody_can_know_are_listed_as_far_as_a_page_holds_them() -> None:
    where = reports.source()
    unknown = Related(reports.location(where, "proxy_read_timeout 10s;"), "proxy_read_timeout")
    section = page(sources=(where,), not_known=(unknown,) * 103).by_id("coverage")
    items = [item.text for item in section.every("li")]
    assert items[0] == "proxy_read_timeout at edge/chat.conf:6:7"
    assert (len(items), items[-1]) == (101, "and 3 more")


def test_what_was_not_read_is_named_with_its_reason() -> None:
    silent = reports.source("", "edge/silent.conf")
    silent.unread = True
    asked = reports.source(None, "aws:eu-west-1", "aws")
    asked.not_asked = ("ECS (AccessDenied)",)
    root = page(sources=(reports.source(), reports.unread(), silent, asked), complete=False)
    section = root.by_id("coverage")
    assert [h.text for h in section.every("h3")] == [
        "unread edge/broken.conf",
        "unread edge/silent.conf",
        "read aws:eu-west-1",
    ]
    assert [item.text for item in section.every("li")] == [
        "cannot be read: Permission denied; check it",
        "not everything in it was read",
        "not asked: ECS (AccessDenied)",
    ]
    [unread] = [t for t in root.every("li") if "tile" in t.classes and "unread" in t.text]
    assert unread.one("b").text == "2"
    assert "error" in unread.classes


def test_suppressions_that_end_soon_stand_first_and_say_when() -> None:
    soon, later, never = reports.silenced("2026-11-29"), reports.silenced("2027-01-31"), None
    root = page(suppressed=(reports.silenced(never), later, soon), expiring=(soon,))
    items = [item.text for item in root.by_id("suppressed").every("li")]
    assert [item.split("LB301")[0].strip() for item in items] == [
        "ends in 6 days",
        "until 2027-01-31",
        "",
    ]
    assert all(item.endswith("reason: drained by hand") for item in items)


def test_changes_and_trends_are_there_where_there_is_a_history() -> None:
    past = History(
        (Run("1", errors=4), Run("2", errors=1)),
        (Turn("new", "LB301 x", "a.conf:1:1", "`t` cuts"), Turn("fixed", "y", "", "", bad=False)),
        since="2026-11-22",
    )
    root = page(past=past)
    section = root.by_id("changes")
    assert section.one("h2").text == "What has changed since 2026-11-22"
    assert [item.text for item in section.every("li")] == [
        "new LB301 x a.conf:1:1: t cuts",
        "fixed y",
    ]
    labels = [svg["aria-label"] for svg in root.every("svg")]
    assert labels[0] == "errors in the last 2 runs: 4, 1"
    alone = page()
    assert not list(alone.every("svg"))
    assert "#changes" not in [a["href"] for a in alone.every("a")]


def test_a_trend_stays_within_its_drawing() -> None:
    for numbers in ([0, 0], [3, 3], [0, 10**9, 5], list(range(500))):
        line = trend(numbers, "errors")
        assert line is not None
        points = [tuple(map(float, point.split(","))) for point in line.points.split()]
        assert len(points) == min(len(numbers), 60)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert trend([1], "errors") is None
