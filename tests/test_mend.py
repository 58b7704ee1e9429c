"""Fixes are applied in memory, round by round, and never make anything worse."""

import pathlib
from collections import Counter

import pytest

from lbcheck.audit import Report
from lbcheck.finding import Finding, Severity
from lbcheck.mend import MAX_ROUNDS, Mended, Texts, mend
from lbcheck.model import Vendor
from lbcheck.rule import Example, Rule
from lbcheck.run import Options, run
from tests import binaries
from tests.test_examples import MARK, NAMES, NAMES_OF_KINDS, REAL

SITE = """\
worker_shutdown_timeout 30m;
events {}
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    server {
        listen 8080;
        location /ws/ {
            proxy_set_header Host $host;
            proxy_pass http://127.0.0.1:9000;
            proxy_read_timeout 2s;
        }
        location /chat/ws { proxy_pass http://127.0.0.1:9000; }
    }
}
"""
AFTER = SITE.replace(
    "Host $host;\n",
    """Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
""",
)


def mended(path: pathlib.Path, *, unsafe: bool = False, profile: str = "default") -> Mended:
    def audited(texts: Texts) -> Report:
        return run([str(path)], Options(profiles=(profile,), texts=texts))

    return mend(audited, unsafe=unsafe)


def errors(findings: tuple[Finding, ...]) -> Counter[str]:
    return Counter(one.code for one in findings if one.severity is Severity.ERROR)


def test_what_is_safe_is_mended_and_the_file_is_not_touched(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "nginx.conf"
    path.write_text(SITE)
    result = mended(path)
    ((source, after),) = result.files()
    assert (source.path, source.text, after) == (str(path), SITE, AFTER)
    assert [(one.code, one.location.line) for one in result.applied] == [("LB105", 11)]
    assert "LB105" not in {one.code for one in result.report.findings}
    assert path.read_text() == SITE


def test_headers_that_an_include_drops_are_repeated_in_the_block(tmp_path: pathlib.Path) -> None:
    (tmp_path / "proxy_params").write_text("proxy_set_header Host $http_host;\n")
    path = tmp_path / "nginx.conf"
    path.write_text(SITE.replace("proxy_set_header Host $host", "include proxy_params"))
    assert list(mended(path).files()) == []
    ((source, after),) = mended(path, unsafe=True).files()
    assert source.path == str(path)
    assert after.count("proxy_set_header Upgrade") == 2
    assert after.count("proxy_set_header Connection") == 2


def test_edits_of_one_place_follow_each_other(tmp_path: pathlib.Path) -> None:
    """Both of these are added behind the same brace."""
    path = tmp_path / "site.conf"
    path.write_text(
        "server {\n    listen 8080;\n    location /ws/ {\n"
        "        proxy_pass http://127.0.0.1:9000;\n    }\n}\n"
    )
    result = mended(path, unsafe=True)
    ((_, after),) = result.files()
    assert after == (
        "server {\n    listen 8080;\n    location /ws/ {\n"
        "        proxy_set_header Host $host;\n"
        "        proxy_http_version 1.1;\n"
        "        proxy_set_header Upgrade $http_upgrade;\n"
        "        proxy_set_header Connection $http_connection;\n"
        "        proxy_pass http://127.0.0.1:9000;\n    }\n}\n"
    )
    assert errors(result.report.findings) == Counter()


def test_a_fix_that_does_not_mend_is_tried_once(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "nginx.conf"
    path.write_text(SITE)
    asked = 0

    def audited(texts: Texts) -> Report:
        nonlocal asked
        asked += 1
        return run([str(path)])

    result = mend(audited, unsafe=False)
    assert asked == 2 < MAX_ROUNDS
    assert [one.code for one in result.applied] == ["LB105"]


FIXABLE = [case for case in REAL if case.values[0].fixable != "no"]


@pytest.mark.parametrize(("rule", "example"), FIXABLE)
def test_no_example_is_worse_when_all_that_can_be_is_mended(
    rule: Rule, example: Example, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / (NAMES_OF_KINDS.get(example.kind) or NAMES[example.vendor])
    path.write_text(MARK.sub("", example.bad))
    profile = example.profile
    if "\n" in profile:
        (tmp_path / "profile.yaml").write_text(profile)
        profile = str(tmp_path / "profile.yaml")
    before = run([str(path)], Options(profiles=(profile,)))
    result = mended(path, unsafe=True, profile=profile)
    assert errors(result.report.findings) <= errors(before.findings)
    assert len(result.report.findings) <= len(before.findings)
    assert result.report.complete
    for _, after in result.files():
        proxies = binaries.nginx() if example.vendor is Vendor.NGINX else binaries.haproxy()
        taking = [proxy for proxy in proxies if proxy.version >= example.since]
        assert [proxy.refusal(after, tmp_path) for proxy in taking] == [None] * len(taking)
