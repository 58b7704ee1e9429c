"""Several files are rewritten, all of them or none."""

import os
import pathlib

import pytest

from lbcheck.errors import UsageError
from lbcheck.rewrite import Rewrite, restore, rewrite


def held(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_every_byte_that_is_not_edited_stays(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"\xef\xbb\xbf# caf\xe9\r\na 1;\r\n")
    before = path.read_bytes().decode("utf-8", "surrogateescape")
    change = Rewrite(str(path), before, before.replace("a 1", "a 2"))
    rewrite([change], [str(tmp_path)])
    assert held(tmp_path) == {"a.conf": b"\xef\xbb\xbf# caf\xe9\r\na 2;\r\n"}
    restore([change])
    assert held(tmp_path) == {"a.conf": b"\xef\xbb\xbf# caf\xe9\r\na 1;\r\n"}


def test_a_file_that_has_changed_meanwhile_stops_all(tmp_path: pathlib.Path) -> None:
    first, second = tmp_path / "a.conf", tmp_path / "b.conf"
    first.write_text("a 1;\n")
    second.write_text("b 9;\n")
    with pytest.raises(UsageError, match=r"b\.conf: has changed since it was read: nothing is wri"):
        rewrite(
            [Rewrite(str(first), "a 1;\n", "a 2;\n"), Rewrite(str(second), "b 1;\n", "b 2;\n")],
            [str(tmp_path)],
        )
    assert held(tmp_path) == {"a.conf": b"a 1;\n", "b.conf": b"b 9;\n"}


def test_a_link_that_leads_out_of_what_was_named_is_not_followed(tmp_path: pathlib.Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "a.conf").write_text("a 1;\n")
    (inside / "a.conf").symlink_to(outside / "a.conf")
    with pytest.raises(UsageError, match="outside of what was named"):
        rewrite([Rewrite(str(inside / "a.conf"), "a 1;\n", "a 2;\n")], [str(inside)])
    assert (outside / "a.conf").read_text() == "a 1;\n"


def test_what_was_written_before_a_failure_is_undone(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "a.conf", tmp_path / "b.conf"
    first.write_text("a 1;\n")
    second.write_text("b 1;\n")
    replaced: list[str] = []

    replacing = os.replace

    def fail_at_the_second(source: str, target: str) -> None:
        if target.endswith("b.conf"):
            raise OSError(28, "No space left on device")
        replaced.append(target)
        replacing(source, target)

    monkeypatch.setattr(os, "replace", fail_at_the_second)
    with pytest.raises(UsageError, match=r"b\.conf: cannot be written: No space left on device"):
        rewrite(
            [Rewrite(str(first), "a 1;\n", "a 2;\n"), Rewrite(str(second), "b 1;\n", "b 2;\n")],
            [str(tmp_path)],
        )
    assert replaced == [str(first), str(first)]
    assert held(tmp_path) == {"a.conf": b"a 1;\n", "b.conf": b"b 1;\n"}
