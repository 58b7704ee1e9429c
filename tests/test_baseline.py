"""What a baseline file may say, and what a run makes of it."""

import json
import pathlib

import pytest

from lbcheck import baseline
from lbcheck.audit import Report
from lbcheck.errors import DocumentError, UsageError
from lbcheck.finding import Finding, Severity
from lbcheck.run import Options, run

BROKEN = """\
events {}
http {
  server {
    listen 80; server_name shop.example;
    location /ws/ { proxy_pass http://127.0.0.1:9000; }
  }
}
"""
SNIPPET = """\
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection upgrade;
proxy_read_timeout 5s;
"""
FILE = "known.json"


@pytest.fixture(autouse=True)
def checkout(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: str, text: str) -> None:
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(text)


def take(*paths: str, **options: object) -> None:
    """Write a baseline of what is there."""
    known = baseline.known(FILE, baseline.Baseline(), paths)
    report = run(paths, Options(known=known, **options))
    comparison = report.comparisons[0]
    made = baseline.updated(baseline.Baseline(), comparison, known, report.sources, comparison.new)
    pathlib.Path(FILE).write_bytes(baseline.written(made))


def judged(*paths: str, **options: object) -> Report:
    return run(paths, Options(baseline=FILE, **options))


def new(report: Report) -> tuple[Finding, ...]:
    return report.comparisons[0].new


def gone(report: Report) -> int:
    return sum(entry.count for entry in report.comparisons[0].gone)


def test_what_is_known_neither_fails_nor_is_shown_but_counted() -> None:
    put("edge/nginx.conf", BROKEN)
    bare = run(["edge"])
    take("edge")
    report = judged("edge")
    assert (bare.exit_code, report.exit_code, report.findings) == (1, 0, ())
    assert {f.code for f in report.baselined} == {f.code for f in bare.findings}
    assert len(report.baselined) == len(bare.findings)


def test_what_a_person_does_not_want_to_see_is_not_counted_either() -> None:
    put("edge/nginx.conf", BROKEN)
    take("edge")
    report = judged("edge", select=("LB101",))
    assert [finding.code for finding in report.baselined] == ["LB101"]
    assert gone(report) == 0
    errors = judged("edge", min_severity=Severity.ERROR)
    assert {finding.severity for finding in errors.baselined} == {Severity.ERROR}


def test_a_baseline_holds_from_every_folder(
    checkout: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("edge/nginx.conf", BROKEN)
    take(".")
    for folder, named in (("edge", "."), ("edge", "nginx.conf"), ("/", str(checkout / "edge"))):
        monkeypatch.chdir(checkout / folder)
        report = run([named], Options(baseline=str(checkout / FILE)))
        assert (report.findings, new(report), gone(report)) == ((), (), 0)
        assert report.baselined


def test_a_baseline_holds_where_the_checkout_has_gone(
    checkout: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("one/edge/nginx.conf", BROKEN)
    monkeypatch.chdir(checkout / "one")
    take("edge")
    (checkout / "one").rename(checkout / "two")
    monkeypatch.chdir(checkout / "two")
    assert judged("edge").findings == ()


def test_one_more_of_a_default_that_a_server_has_alike_is_new() -> None:
    put("nginx.conf", BROKEN)
    take("nginx.conf")
    more = "location /chat/ws/ { proxy_pass http://127.0.0.1:9000; }\n  }\n}"
    put("nginx.conf", BROKEN.replace("  }\n}", more))
    report = judged("nginx.conf")
    assert {"LB101", "LB302"} <= {finding.code for finding in report.findings}
    assert {f.address for f in report.findings} == {"http/server[shop.example]/location[/chat/ws/]"}


def test_the_same_statement_once_more_is_new() -> None:
    put("nginx.conf", BROKEN)
    take("nginx.conf")
    server = BROKEN[BROKEN.index("  server") : BROKEN.rindex("}")]
    put("nginx.conf", BROKEN.replace("http {\n", f"http {{\n{server}"))
    report = judged("nginx.conf")
    assert [f.code for f in new(report)].count("LB101") == 1
    assert [f.code for f in report.baselined].count("LB101") == 1


def test_a_fault_that_got_worse_is_new() -> None:
    beating = {"heartbeat.sender": "server", "heartbeat.interval_s": "40"}
    put("nginx.conf", BROKEN.replace("proxy_pass", "proxy_read_timeout 70s; proxy_pass"))
    take("nginx.conf", params=beating)
    known = judged("nginx.conf", params=beating)
    assert ("LB301", "warning") in [(f.code, f.severity.value) for f in known.baselined]
    assert new(known) == ()
    worse = judged("nginx.conf", params=beating | {"heartbeat.interval_s": "80"})
    assert [(f.code, f.severity.value) for f in new(worse)] == [("LB301", "error")]


def test_a_fault_of_a_shared_file_is_known_as_long_as_one_of_its_routes_is() -> None:
    def site(*names: str) -> str:
        servers = "".join(
            f"server {{ listen 80; server_name {name}; location /ws/ {{"
            f" proxy_pass http://127.0.0.1:9000; include snippets/ws.conf; }} }}\n"
            for name in names
        )
        return f"events {{}}\nhttp {{\n{servers}}}\n"

    params = {"heartbeat.sender": "server", "heartbeat.interval_s": "25"}
    put("snippets/ws.conf", SNIPPET)
    put("nginx.conf", site("a.example", "b.example"))
    take("nginx.conf", params=params)
    for names in (("b.example", "a.example"), ("b.example",), ("a.example", "b.example", "0.x")):
        put("nginx.conf", site(*names))
        report = judged("nginx.conf", params=params)
        assert [f.code for f in new(report) if f.location.path == "snippets/ws.conf"] == []
        assert "LB301" in {f.code for f in report.baselined}


def test_what_is_seen_through_another_file_is_not_gone_when_that_was_not_read() -> None:
    for name in ("one", "two"):
        include = "include ../shared/ws.conf;" if name == "two" else "root /srv;"
        body = BROKEN.replace("proxy_pass http://127.0.0.1:9000;", f"{include}")
        put(f"{name}/nginx.conf", body)
    put("shared/ws.conf", f"{SNIPPET}proxy_pass http://127.0.0.1:9000;\n")
    params = {"heartbeat.sender": "server", "heartbeat.interval_s": "25"}
    take(".", params=params)
    assert gone(judged("one", params=params)) == 0
    assert gone(judged("one", "shared", params=params)) == 0
    put("two/nginx.conf", "events {}\nhttp { server { listen 80; root /srv; } }\n")
    assert gone(judged(".", params=params)) > 0


def test_nothing_is_gone_where_something_could_not_be_read() -> None:
    put("nginx.conf", BROKEN)
    put("other.conf", BROKEN)
    take(".")
    put("nginx.conf", "events {}\nhttp { server { listen 80; }\n")
    report = judged(".")
    assert (gone(report), report.exit_code) == (0, 3)
    assert [finding.code for finding in report.findings] == ["LB901"]
    pathlib.Path("nginx.conf").unlink()
    assert gone(judged("other.conf")) == 0
    assert gone(judged(".")) > 0


def test_what_could_not_be_read_is_never_known() -> None:
    put("nginx.conf", BROKEN.replace("http {", "http { include missing.conf;"))
    take(".")
    document = json.loads(pathlib.Path(FILE).read_text())
    assert {entry["code"] for entry in document["findings"]} & {"LB901", "LB908"} == set()
    report = judged(".")
    assert (report.exit_code, [f.code for f in report.findings]) == (3, ["LB901"])


def test_rules_that_are_off_or_less_sure_things_are_not_gone() -> None:
    put("nginx.conf", BROKEN)
    take(".")
    put("off.yaml", "rules: {LB101: off}\n")
    report = judged(".", profiles=("off.yaml",))
    assert (gone(report), new(report)) == (0, ())


def test_stale_entries_are_told_in_one_line() -> None:
    put("nginx.conf", BROKEN)
    take(".")
    put("nginx.conf", "events {}\nhttp { server { listen 80; root /srv; } }\n")
    report = judged(".")
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.location.path) == ("LB907", Severity.INFO, FILE)
    assert finding.message == (
        f"{gone(report)} known findings are no longer found: "
        "`lbcheck baseline prune` takes what is fixed out"
    )
    assert report.exit_code == 0


def test_a_rule_that_does_not_exist_is_told() -> None:
    put("nginx.conf", BROKEN)
    take(".")
    text = pathlib.Path(FILE).read_text()
    pathlib.Path(FILE).write_text(text.replace('"LB101"', '"LB000"'))
    report = judged(".")
    assert [f.message for f in report.findings if f.code == "LB907"] == [
        "it names rules that do not exist here: `LB000`"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "known.json:1:1: is no valid JSON here"),
        ('{"schema": "lbcheck-baseline/1",\n "sources": [,]}', "known.json:2:14: is no valid JSON"),
        ('{"schema": "lbcheck-baseline/1"', "known.json:1:32: is no valid JSON here"),
        ('{"schema": "lbcheck-baseline/1", "sources": []}', "known.json:1:2: object missing"),
        (
            '{"schema": "lbcheck-baseline/1", "sources": [],\n"findings": [{"path": 3}]}',
            "known.json:2:15: expected `str`, got `int`",
        ),
        ("[]", "known.json:1:1: expected `object`, got `array`"),
        ("{}", "known.json: is no baseline: it says no `schema`"),
        ('{"schema": "lbcheck/1"}', "known.json: is no baseline"),
        ("[" * 100_000, "known.json:1:1: expected `object`"),
        ('{"schema": ' + "[" * 100_000, "known.json:1:1: expected `str`"),
        ('{"x": ' + "[" * 100_000, "known.json: nested too deep"),
        ('{"schema": \n<<<<<<< HEAD\n', "known.json:2:1: a merge conflict"),
        ('{"schema": "lbcheck-baseline/2", "new": 1}', "known.json: its schema is lbcheck-base"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(text: str, said: str) -> None:
    pathlib.Path(FILE).write_text(text)
    with pytest.raises(UsageError) as raised:
        baseline.read(FILE)
    assert str(raised.value).startswith(said)


def test_a_count_below_one_is_refused() -> None:
    put("nginx.conf", BROKEN)
    take(".")
    text = pathlib.Path(FILE).read_text()
    pathlib.Path(FILE).write_text(text.replace('"confidence"', '"count": 0, "confidence"', 1))
    with pytest.raises(DocumentError, match=r"expected `int` >= 1"):
        baseline.read(FILE)


def test_bytes_that_are_no_text_can_be_known(checkout: pathlib.Path) -> None:
    (checkout / "bad").mkdir()
    name = b"bad/caf\xe9.conf"
    with open(name, "wb") as file:
        file.write(BROKEN.encode().replace(b"/ws/", b"/ws\xe9/"))
    take("bad")
    assert pathlib.Path(FILE).read_bytes().isascii()
    assert judged("bad").findings == ()
