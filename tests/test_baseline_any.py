"""Whatever moves, a baseline swallows nothing that is new and nothing old comes back."""

import os
import pathlib
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lbcheck import baseline
from lbcheck.audit import Report
from lbcheck.finding import Finding
from lbcheck.known import Known, path_of
from lbcheck.run import Options, run

Tree = dict[str, dict[str, tuple[str, ...]]]
"""the servers of each file, and the WebSocket paths of each server"""

ANY = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
PATHS = st.lists(st.sampled_from(["/ws/", "/chat/ws/", "/cable"]), unique=True, max_size=3)
SERVERS = st.dictionaries(
    st.sampled_from(["shop.example", "chat.example", "_"]), PATHS.map(tuple), max_size=3
)
FILES = ("a.conf", "b.conf", "sites/a.conf", "sites/b.conf", "sites/c.conf")
TREES = st.dictionaries(st.sampled_from(FILES), SERVERS, min_size=1, max_size=4)


def text(servers: dict[str, tuple[str, ...]], gap: str = "") -> str:
    """A whole configuration; each location fails in three ways at least."""
    lines = ["events {}", "http {", "  server { listen 1; location / { root /srv; } }"]
    for name, paths in servers.items():
        lines += [gap, "  server {", f"    listen 80; server_name {name};"]
        for path in paths:
            lines += [gap, f"    location {path} {{", "      proxy_pass http://127.0.0.1:9000;"]
            lines += [gap, "      proxy_read_timeout 5s;", "    }"]
        lines += ["  }"]
    return "\n".join([*lines, "}", ""])


@pytest.fixture
def checkout(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(tree: Tree, gap: str = "") -> None:
    for folder, _, names in os.walk("."):
        for name in names:
            os.unlink(os.path.join(folder, name))
    for path, servers in tree.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        pathlib.Path(path).write_text(text(servers, gap))


def beside(known: Known) -> Report:
    return run(["."], Options(known=known, profiles=("socketio-v4",)))


def nothing_known() -> Known:
    return baseline.known("baseline.json", baseline.Baseline(), ["."])


def taken() -> bytes:
    """The bytes of a baseline of what is there."""
    known = nothing_known()
    report = beside(known)
    new = report.comparisons[0].new
    return baseline.written(
        baseline.updated(baseline.Baseline(), report.comparisons[0], known, report.sources, new)
    )


def compared(data: bytes) -> Report:
    pathlib.Path("baseline.json").write_bytes(data)
    report = beside(baseline.known("baseline.json", baseline.read("baseline.json"), ["."]))
    os.unlink("baseline.json")
    return report


def places(findings: tuple[Finding, ...]) -> Counter[tuple[str, str, str]]:
    root = os.getcwd()
    return Counter(
        (path_of(f.location.source, root), f.code, f.address or f.message) for f in findings
    )


def told() -> Counter[tuple[str, str, str]]:
    """Every fault that is there, known or not."""
    return places(beside(nothing_known()).comparisons[0].new)


def shuffled(tree: Tree, draw: st.DataObject) -> Tree:
    return {
        path: {
            name: tuple(draw.draw(st.permutations(paths)))
            for name, paths in draw.draw(st.permutations(list(servers.items())))
        }
        for path, servers in tree.items()
    }


@ANY
@given(TREES, st.sampled_from(["", "\n\n", "  # moved"]), st.data())
def test_moved_lines_and_reordered_blocks_are_known(
    checkout: pathlib.Path, tree: Tree, gap: str, data: st.DataObject
) -> None:
    write(tree)
    before = taken()
    write(shuffled(tree, data), gap)
    report = compared(before)
    assert report.findings == ()
    assert taken() == before


@ANY
@given(TREES, st.data())
def test_renamed_files_are_known_and_a_deleted_one_is_gone(
    checkout: pathlib.Path, tree: Tree, data: st.DataObject
) -> None:
    tree = tree | {"z.conf": {}}
    write(tree)
    before = taken()
    old = data.draw(st.sampled_from(sorted(tree.keys() - {"z.conf"})))
    moved = {f"new-{path}" if path == old else path: servers for path, servers in tree.items()}
    write(moved)
    assert compared(before).findings == ()
    assert compared(before).comparisons[0].gone == ()
    write({f"moved/{path}": servers for path, servers in tree.items()})
    assert compared(before).findings == ()
    write({path: servers for path, servers in tree.items() if path != old})
    report = compared(before)
    assert report.comparisons[0].new == ()
    faulty = {old} if any(tree[old].values()) else set()
    assert {entry.path for entry in report.comparisons[0].gone} == faulty


@ANY
@given(TREES, TREES, st.booleans(), st.data())
def test_exactly_what_is_new_is_told(
    checkout: pathlib.Path, tree: Tree, other: Tree, moving: bool, data: st.DataObject
) -> None:
    """Files are changed in place, so that each fault is in its file, server and location or new."""
    write(tree)
    before, was = taken(), told()
    there = {path: other.get(path, {}) for path in tree}
    write(shuffled(there, data), "\n" if moving else "")
    report = compared(before)
    assert places(report.comparisons[0].new) == told() - was
    gone = sum(entry.count for entry in report.comparisons[0].gone)
    assert gone == (was - told()).total()


@ANY
@given(TREES, st.data())
def test_a_fault_that_moves_into_a_file_known_to_be_clean_is_new(
    checkout: pathlib.Path, tree: Tree, data: st.DataObject
) -> None:
    write(tree | {"clean.conf": {}})
    before = taken()
    old = data.draw(st.sampled_from(sorted(tree)))
    left = {path: servers for path, servers in tree.items() if path != old}
    write(left | {"clean.conf": tree[old]})
    new = compared(before).comparisons[0].new
    assert {path for path, _, _ in places(new)} <= {"clean.conf"}
    faults = sum(map(len, tree[old].values()))
    assert sum(finding.code == "LB101" for finding in new) == faults


@ANY
@given(TREES, TREES)
def test_an_update_takes_in_nothing_that_is_new(
    checkout: pathlib.Path, tree: Tree, other: Tree
) -> None:
    write(tree)
    before, was = baseline.Baseline(), told()
    pathlib.Path("baseline.json").write_bytes(taken())
    before = baseline.read("baseline.json")
    os.unlink("baseline.json")
    write(other)
    known = baseline.known("baseline.json", before, ["."])
    report = beside(known)
    after = baseline.updated(before, report.comparisons[0], known, report.sources)
    new = places(report.comparisons[0].new)
    again = compared(baseline.written(after))
    assert places(again.comparisons[0].new) == new
    assert again.comparisons[0].gone == ()
    assert sum(entry.count for entry in after.entries) <= was.total()
    pruned = compared(baseline.written(baseline.pruned(before, report.comparisons[0])))
    assert places(pruned.comparisons[0].new) == new


def every_entry(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield taken()


def test_the_same_findings_make_the_same_bytes(checkout: pathlib.Path) -> None:
    write({"a.conf": {"shop.example": ("/ws/", "/cable")}})
    assert len(set(every_entry(3))) == 1
