"""What is excluded is read where another file needs it, and nothing is told of it."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.audit import Report
from lbcheck.run import Options, run

ROOT = "events {}\nhttp {\n  include maps.conf;\n  include sites/*.conf;\n}\n"
MAP = "map $http_upgrade $upgrade { default upgrade; '' close; }\n"
SITE = """\
server {
  location /ws {
    proxy_pass http://127.0.0.1:9001;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $upgrade;
    proxy_read_timeout %s;
  }
}
"""


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    (tmp_path / "nginx.conf").write_text(ROOT)
    (tmp_path / "maps.conf").write_text(MAP)
    (tmp_path / "sites" / "old.conf").write_text(SITE % "0")
    (tmp_path / "sites" / "new.conf").write_text(SITE % "{{ idle }}")
    return tmp_path


def audit(path: pathlib.Path, *exclude: str) -> Report:
    return run([str(path)], Options(exclude=exclude, select=("LB305", "LB102", "LB110")))


def told(report: Report) -> list[tuple[str, str]]:
    return [(finding.location.path, finding.code) for finding in report.findings]


def test_an_included_file_is_left_out_as_well(folder: pathlib.Path) -> None:
    assert told(audit(folder)) == [("sites/old.conf", "LB305")]
    left = audit(folder, "sites/old.conf")
    assert (told(left), left.exit_code, left.hidden > 0) == ([], 0, True)
    assert sorted(source.name for source in left.sources) == [
        "maps.conf",
        "nginx.conf",
        "sites/new.conf",
    ]


def test_what_others_need_of_it_still_counts(folder: pathlib.Path) -> None:
    assert told(audit(folder, "maps.conf", "sites/old.conf")) == []
    (folder / "nginx.conf").write_text(ROOT.replace("  include maps.conf;\n", ""))
    (folder / "maps.conf").unlink()
    assert told(audit(folder, "sites/old.conf")) == [("sites/new.conf", "LB110")]


def test_the_file_that_includes_it_may_be_left_out(folder: pathlib.Path) -> None:
    assert told(audit(folder, "nginx.conf")) == [("sites/old.conf", "LB305")]


def test_what_cannot_be_read_of_it_is_no_loss(folder: pathlib.Path) -> None:
    (folder / "sites" / "old.conf").write_text("server {\n  include nowhere.conf;\n")
    assert audit(folder).exit_code == 3
    assert audit(folder, "sites/old.conf").complete


def test_values_that_are_not_known_are_not_counted_there(folder: pathlib.Path) -> None:
    assert len(audit(folder).not_known) == 1
    assert audit(folder, "sites/new.conf").not_known == ()
