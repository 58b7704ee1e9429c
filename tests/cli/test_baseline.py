"""`lbcheck baseline` and `lbcheck audit --baseline`."""

import json
import os
import pathlib

import pytest

from lbcheck.cli import execute

BROKEN = """\
events {}
http {
  server {
    listen 80; server_name shop.example;
    location /ws/ { proxy_pass http://127.0.0.1:9000; }
  }
}
"""
CLEAN = "events {}\nhttp { server { listen 80; root /srv; } }\n"
FILE = ".lbcheck-baseline.json"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("LBCHECK_", "GITHUB_")) or name == "PRE_COMMIT":
            monkeypatch.delenv(name)
    pathlib.Path("nginx.conf").write_text(BROKEN)


def findings() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(pathlib.Path(FILE).read_text())["findings"]
    return found


def test_a_baseline_is_made_once_and_its_findings_do_not_fail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["audit"]) == 1
    capsys.readouterr()
    assert execute(["baseline", "create"]) == 0
    number = len(findings())
    told = f"{FILE}: {number} known findings in 1 sources\n"
    assert capsys.readouterr().out == told
    assert execute(["audit", "--baseline", FILE]) == 0
    assert capsys.readouterr().out.startswith(f"no findings ({number} in the baseline)\n")
    before = pathlib.Path(FILE).read_bytes()
    assert execute(["baseline", "create"]) == 2
    assert capsys.readouterr().err == (
        f"lbcheck: {FILE}: there is one already: "
        "`lbcheck baseline update` renews it, --force makes it anew\n"
    )
    assert execute(["baseline", "create", "--force"]) == 0
    assert pathlib.Path(FILE).read_bytes() == before


def test_only_what_would_be_shown_is_known() -> None:
    assert execute(["baseline", "create", "--select", "LB101,LB302"]) == 0
    assert [entry["code"] for entry in findings()] == ["LB101", "LB302"]
    assert execute(["baseline", "create", "--force", "--min-severity", "error"]) == 0
    assert {entry["severity"] for entry in findings()} == {"error"}


def test_an_update_does_not_take_in_what_is_new_unless_it_is_told_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pathlib.Path("old.conf").write_text(BROKEN)
    execute(["baseline", "create"])
    number = len(findings())
    pathlib.Path("old.conf").write_text(CLEAN)
    pathlib.Path("nginx.conf").write_text(BROKEN.replace("/ws/", "/chat/ws/"))
    capsys.readouterr()
    assert execute(["baseline", "update"]) == 0
    said = capsys.readouterr()
    kept = len(findings())
    assert f"{FILE}: {kept} known finding" in said.out
    assert f"; {number - kept} no longer found and taken out, 0 new ones added\n" in said.out
    assert "new and not in it: `lbcheck audit` shows them, --accept-new adds them" in said.err
    assert execute(["audit", "--baseline", FILE]) == 1
    assert execute(["baseline", "update", "--accept-new"]) == 0
    assert execute(["audit", "--baseline", FILE]) == 0


def test_prune_takes_out_what_is_fixed_and_changes_nothing_else() -> None:
    pathlib.Path("old.conf").write_text(BROKEN)
    execute(["baseline", "create"])
    before = findings()
    assert execute(["baseline", "prune"]) == 0
    assert findings() == before
    pathlib.Path("old.conf").write_text(CLEAN)
    assert execute(["baseline", "prune", "nginx.conf"]) == 0
    assert findings() == before
    pathlib.Path("nginx.conf").write_text(BROKEN.replace("/ws/", "/chat/ws/"))
    assert execute(["baseline", "prune", "old.conf"]) == 0
    assert findings() == [entry for entry in before if entry["path"] == "nginx.conf"]


def test_what_could_not_be_read_keeps_its_entries(capsys: pytest.CaptureFixture[str]) -> None:
    pathlib.Path("old.conf").write_text(BROKEN)
    execute(["baseline", "create"])
    before = findings()
    pathlib.Path("old.conf").write_text(CLEAN[:-2])
    capsys.readouterr()
    assert execute(["baseline", "prune"]) == 3
    assert findings() == before
    assert capsys.readouterr().err.startswith("lbcheck: old.conf: ")


def test_show_lists_and_says_which_rules_do_not_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    execute(["baseline", "create", "--select", "LB101"])
    text = pathlib.Path(FILE).read_text()
    pathlib.Path(FILE).write_text(
        text.replace("LB101", "LB000").replace("the target", "\\u001b[1m")
    )
    capsys.readouterr()
    assert execute(["baseline", "show"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("nginx.conf: error LB000 \\x1b[1m does not see ")
    assert said.out.endswith(f"{FILE}: 1 known finding\n")
    assert said.err == f"lbcheck: {FILE}: no rule is called 'LB000' here\n"


def test_the_configuration_and_the_environment_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkdir("sub")
    pathlib.Path("sub/nginx.conf").write_text(BROKEN)
    pathlib.Path(".lbcheck.yaml").write_text("baseline: known.json\n")
    assert execute(["baseline", "create"]) == 0
    assert pathlib.Path("known.json").exists()
    assert execute(["audit"]) == 0
    monkeypatch.chdir("sub")
    assert execute(["audit"]) == 0
    os.unlink("../.lbcheck.yaml")
    assert execute(["audit"]) == 1
    monkeypatch.setenv("LBCHECK_BASELINE", "../known.json")
    assert execute(["audit"]) == 0


def test_a_configuration_names_no_baseline_outside_of_its_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pathlib.Path(".lbcheck.yaml").write_text("baseline: ../known.json\n")
    assert execute(["baseline", "create"]) == 2
    assert "a baseline that is asked for here stays below this file's folder" in (
        capsys.readouterr().err
    )


def test_a_baseline_that_cannot_be_read_is_a_mistake_of_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["audit", "--baseline", "none.json"]) == 2
    assert capsys.readouterr().err == (
        "lbcheck: none.json: there is no such baseline; `lbcheck baseline create` makes one\n"
    )
    pathlib.Path(FILE).write_text('{"schema": "lbcheck-baseline/1",\n"sources": [],\n}')
    assert execute(["audit", "--baseline", FILE]) == 2
    assert capsys.readouterr().err == f"lbcheck: {FILE}:3:1: is no valid JSON here\n"


def test_where_nothing_is_audited_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    os.mkdir("empty")
    assert execute(["baseline", "create", "empty"]) == 3
    assert not pathlib.Path(FILE).exists()
