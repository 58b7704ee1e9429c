"""Shares of an audit: each resource in exactly one, and joined they are the whole."""

import json
import os
import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcheck.cli import execute
from lbcheck.errors import UsageError
from lbcheck.model import Source
from lbcheck.reporters import FORMATS
from lbcheck.shard import Shard, parsed
from lbcheck.sources import aws_accounts
from lbcheck.sources.aws_request import Request

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.symlink(EXAMPLES, "examples")
    for name in list(os.environ):
        if name.startswith(("LBCHECK_", "GITHUB_", "AWS_BATCH")) or name in (
            "PRE_COMMIT",
            "JOB_COMPLETION_INDEX",
        ):
            monkeypatch.delenv(name)


@given(st.text(), st.integers(1, 50))
def test_a_resource_is_in_exactly_one_share_however_many_there_are(name: str, count: int) -> None:
    assert [Shard(index, count).has(name) for index in range(count)].count(True) == 1


def test_a_share_is_the_same_in_every_run() -> None:
    names = ("aws 111122223333 eu-west-1", "edge/nginx.conf", "k8s.yaml")
    shares = [[i for i in range(3) if Shard(i, 3).has(name)] for name in names]
    assert shares == [[1], [1], [0]]


def test_a_file_is_told_with_the_root_that_it_is_read_through() -> None:
    snippet, root = Source("snippets/ws.conf", "nginx", ""), Source("nginx.conf", "nginx", "")
    snippet.roots = ("nginx.conf", "other.conf")
    for index in range(4):
        assert Shard(index, 4).holds(snippet) == Shard(index, 4).holds(root)


@pytest.mark.parametrize(
    ("environment", "share"),
    [
        ({"JOB_COMPLETION_INDEX": "3", "LBCHECK_SHARDS": "20"}, Shard(3, 20)),
        ({"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "2"}, Shard(0, 2)),
        (
            {
                "AWS_BATCH_JOB_ARRAY_INDEX": "1",
                "AWS_BATCH_JOB_ARRAY_SIZE": "2",
                "JOB_COMPLETION_INDEX": "0",
            },
            Shard(1, 2),
        ),
    ],
)
def test_the_scheduler_says_which_share_it_is(environment: dict[str, str], share: Shard) -> None:
    assert parsed("auto", environment) == share


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("3/3", {}, "--shard 3/3: shares are counted from 0, the last is 2"),
        ("0/0", {}, "--shard 0/0: there are 1 to 100000 shares"),
        ("x", {}, "--shard x: write I/N, such as 0/20, or auto"),
        ("-1/3", {}, "--shard -1/3: write I/N"),
        ("auto", {}, "--shard auto: neither AWS_BATCH_JOB_ARRAY_INDEX and"),
        (
            "auto",
            {"JOB_COMPLETION_INDEX": "3"},
            "--shard auto: JOB_COMPLETION_INDEX is set, and LBCHECK_SHARDS (how many) is not",
        ),
    ],
)
def test_what_is_no_share_is_refused(text: str, environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        parsed(text, environment)
    assert str(raised.value).startswith(said)


def test_only_the_accounts_of_a_share_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(request: Request, buckets: object) -> Source:
        asked.append(request.where)
        return Source(request.where, "aws", None)

    monkeypatch.setattr("lbcheck.sources.aws_fetch.ask", ask)
    requests = [Request(region=f"eu-west-{number}") for number in range(6)]
    for index in range(3):
        aws_accounts.ask(requests, Shard(index, 3).has)
    assert sorted(asked) == [f"aws eu-west-{number}" for number in range(6)]


def report(*arguments: str) -> tuple[int, Any]:
    code = execute([*arguments, "--format", "json", "-o", "json=out.json"])
    return code, json.loads(pathlib.Path("out.json").read_text())


def shares(count: int, *arguments: str) -> list[str]:
    paths = [f"share-{index}.json" for index in range(count)]
    for index, path in enumerate(paths):
        execute(["audit", "examples", "--shard", f"{index}/{count}", "-o", f"json={path}"])
    return paths


@pytest.mark.parametrize("count", [1, 3, 20])
def test_shares_that_are_joined_are_the_whole(count: int) -> None:
    code, whole = report("audit", "examples")
    joined, merged = report("merge", *shares(count))
    assert joined == code == 1
    assert merged["findings"] == whole["findings"]
    assert sorted(s["name"] for s in merged["sources"]) == sorted(
        s["name"] for s in whole["sources"]
    )
    assert merged["summary"] == whole["summary"]
    assert merged["complete"] is True


def test_a_share_with_nothing_in_it_is_clean() -> None:
    shares(20)
    documents = [json.loads(pathlib.Path(f"share-{i}.json").read_text()) for i in range(20)]
    empty = [document for document in documents if not document["sources"]]
    assert empty
    assert {(d["complete"], d["exit_code"]) for d in empty} == {(True, 0)}


def test_suppressed_and_known_findings_are_joined_as_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.unlink("examples")
    os.mkdir("examples")
    for name in ("a", "b", "c"):
        server = f"server {{ listen 80; server_name {name}.example; location /ws/ {{"
        ignore = '# lbcheck: ignore[LB101] reason="known" \n'
        body = "proxy_pass http://127.0.0.1:9000; } }"
        pathlib.Path(f"examples/{name}.conf").write_text(
            f"events {{}}\nhttp {{\n{ignore}{server} {body}\n}}\n"
        )
    execute(["baseline", "create", "examples", "--select", "LB103", "--baseline", "known.json"])
    pathlib.Path(".lbcheck.yaml").write_text("baseline: known.json\n")
    _, whole = report("audit", "examples")
    _, merged = report("merge", *shares(2))
    assert whole["suppressed"]
    assert whole["baselined"]
    assert sorted(map(str, merged["suppressed"])) == sorted(map(str, whole["suppressed"]))
    assert sorted(map(str, merged["baselined"])) == sorted(map(str, whole["baselined"]))
    assert merged["summary"] == whole["summary"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_the_joined_findings(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = shares(2)
    capsys.readouterr()
    assert execute(["merge", *paths, "--format", form]) == 1
    assert "LB101" in capsys.readouterr().out


def test_a_missing_and_a_repeated_share_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    paths = shares(3)
    capsys.readouterr()
    given = [paths[0], paths[2], paths[2]]
    assert execute(["merge", *given, "--fail-on", "never", "-q"]) == 3
    assert capsys.readouterr().err == (
        "lbcheck: share-2.json: share 2 was in share-2.json already\n"
        "lbcheck: 1 of 3 shares missing: 1\n"
    )
    assert execute(["merge", *given]) == 1
    assert report("merge", *given)[1]["complete"] is False


def test_a_share_that_was_incomplete_makes_the_whole_incomplete() -> None:
    pathlib.Path("broken.conf").write_text("http { server { listen 80; }\n")
    execute(["audit", "broken.conf", "-o", "json=broken.json"])
    code, merged = report("merge", "broken.json")
    assert (code, merged["complete"], merged["sources"][0]["status"]) == (3, False, "partial")


def wrong(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    pathlib.Path("bad.json").write_text(text)
    capsys.readouterr()
    assert execute(["merge", "bad.json"]) == 2
    return capsys.readouterr().err


def test_a_hostile_report_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    no_report = "lbcheck: bad.json: is no report of `lbcheck audit --format json`"
    for text in ("", "[]", "{", "[" * 100_000, '{"schema": 1}', '{"a": ' + "[" * 100_000):
        assert wrong(text, capsys).startswith(no_report)
    execute(["audit", "examples", "-o", "json=good.json"])
    good = json.loads(pathlib.Path("good.json").read_text())
    assert "schema is 'lbcheck/9'" in wrong(json.dumps(good | {"schema": "lbcheck/9"}), capsys)
    odd = [good["findings"][0] | {"code": "LB000"}]
    assert "has no rule 'LB000'" in wrong(json.dumps(good | {"findings": odd}), capsys)
    far = [good["findings"][0] | {"line": 10**30}]
    assert wrong(json.dumps(good | {"findings": far}), capsys).startswith(no_report)
    for field, bad in (("fingerprint", "\x1b[2J"), ("until", "soon"), ("severity", "worst")):
        odd = [good["findings"][0] | {field: bad}]
        assert wrong(json.dumps(good | {"findings": odd}), capsys).startswith(no_report)
    shard = {"shard": {"index": 7, "count": 3}}
    assert "there is no share 7 of 3" in wrong(json.dumps(good | shard), capsys)


def test_what_a_report_says_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    execute(["audit", "examples", "-o", "json=good.json"])
    good = json.loads(pathlib.Path("good.json").read_text())
    hostile = "\x1b[2J\n::error::x"
    fields = ("name", "family", "message", "path", "resource", "address", "evidence")
    finding = good["findings"][0] | dict.fromkeys(fields, hostile)
    source = {"name": hostile, "kind": "nginx", "status": "unread", "detail": hostile}
    document = good | {"findings": [finding], "sources": [source], "profile": hostile}
    pathlib.Path("bad.json").write_text(json.dumps(document))
    for form in FORMATS:
        capsys.readouterr()
        execute(["merge", "bad.json", "--format", form])
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err, form


def test_shares_and_whole_reports_are_not_mixed(capsys: pytest.CaptureFixture[str]) -> None:
    paths = shares(2)
    execute(["audit", "examples", "-o", "json=whole.json"])
    capsys.readouterr()
    assert execute(["merge", paths[0], "whole.json"]) == 2
    assert capsys.readouterr().err == (
        "lbcheck: whole.json: some of these are shares, others are whole reports\n"
    )
    execute(["audit", "examples", "--shard", "1/3", "-o", "json=third.json"])
    capsys.readouterr()
    assert execute(["merge", paths[0], "third.json"]) == 2
    assert capsys.readouterr().err == ("lbcheck: third.json: is of 3 shares, share-0.json of 2\n")


def test_what_two_reports_tell_alike_is_told_once() -> None:
    execute(["audit", "examples/nginx", "-o", "json=one.json"])
    execute(["audit", "examples/nginx", "examples/haproxy", "-o", "json=two.json"])
    _, merged = report("merge", "one.json", "two.json")
    two = json.loads(pathlib.Path("two.json").read_text())
    assert merged["findings"] == two["findings"]
    assert len(merged["sources"]) == len(two["sources"])
