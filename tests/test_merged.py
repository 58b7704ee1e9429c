"""A default that many blocks of one server have alike is said once, with every place."""

import pathlib

from lbcheck.finding import Finding
from lbcheck.run import Options, run

HEADERS = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
TEXT = """\
events {}
http {
    proxy_http_version 1.1;
    server {
        listen 80;
        server_name one.example;
        location / {
            HEADERS
            proxy_set_header Host $host;
            proxy_pass http://127.0.0.1:9001;
        }
        location /a/ws {
            HEADERS
            proxy_pass http://127.0.0.1:9001;
        }
        location /b/ws {
            HEADERS
            proxy_pass http://127.0.0.1:9001;
        }
    }
    server {
        listen 80;
        server_name two.example;
        location /ws {
            HEADERS
            proxy_pass http://127.0.0.1:9001;
        }
    }
}
""".replace("HEADERS", HEADERS)


def findings(text: str, folder: pathlib.Path, code: str) -> list[Finding]:
    path = folder / "site.conf"
    path.write_text(text)
    report = run([str(path)], Options(today="2026-11-23"))
    return [finding for finding in report.findings if finding.code == code]


def places(finding: Finding) -> list[int | None]:
    return [finding.location.line, *(other.location.line for other in finding.related)]


def test_a_server_has_one_finding_and_the_catch_all_is_not_its_first_place(
    tmp_path: pathlib.Path,
) -> None:
    assert [places(each) for each in findings(TEXT, tmp_path, "LB302")] == [[12, 16, 7], [24]]


def test_the_fix_of_the_one_finding_mends_every_place(tmp_path: pathlib.Path) -> None:
    first, second = findings(TEXT, tmp_path, "LB114")
    assert (places(first), places(second)) == ([12, 16], [24])
    assert first.fix is not None
    assert [TEXT.count("\n", 0, edit.start) for edit in first.fix.edits] == [12, 16]
    assert first.fix.safe


def test_a_place_with_its_own_suppression_is_not_among_them(tmp_path: pathlib.Path) -> None:
    note = '  # lbcheck: ignore[LB302] reason="it pings"'
    text = TEXT.replace("location /a/ws {", f"location /a/ws {{{note}")
    assert [places(each) for each in findings(text, tmp_path, "LB302")] == [[16, 7], [24]]


def test_what_was_written_is_reported_wherever_it_stands(tmp_path: pathlib.Path) -> None:
    text = TEXT.replace("/ws {", "/ws { proxy_http_version 1.0;")
    assert [places(each) for each in findings(text, tmp_path, "LB103")] == [[12], [16], [24]]
