"""A file is written whole or not at all, and nothing is left beside it."""

import os
import pathlib
import stat

import pytest

from lbcheck import whole_file


def permissions(path: pathlib.Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_what_was_written_and_nothing_is_left_beside_it(
    tmp_path: pathlib.Path,
) -> None:
    path = tmp_path / "report.json"
    whole_file.write(str(path), b"{}\n")
    assert path.read_bytes() == b"{}\n"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_file_that_is_replaced_keeps_its_permissions_unless_others_are_asked_for(
    tmp_path: pathlib.Path,
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    whole_file.write(str(path), b"new")
    assert (path.read_bytes(), permissions(path)) == (b"new", 0o640)
    whole_file.write(str(path), b"newer", 0o600)
    assert (path.read_bytes(), permissions(path)) == (b"newer", 0o600)


def test_a_link_stays_a_link(tmp_path: pathlib.Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    whole_file.write(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_the_old_file_stays_where_the_new_one_cannot_be_finished(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        whole_file.write(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_file_that_is_replaced_keeps_its_owner(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "site.conf"
    path.write_bytes(b"old")
    owned: list[tuple[int, int]] = []

    def refused(path: str, user: int, group: int) -> None:
        owned.append((user, group))
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)  # root only may give a file away
    whole_file.write(str(path), b"new")
    assert (path.read_bytes(), owned) == (b"new", [(path.stat().st_uid, path.stat().st_gid)])


def test_what_a_killed_process_of_the_same_number_left_is_in_nobodys_way(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "report.json"
    with monkeypatch.context() as at_the_last_step:
        at_the_last_step.setattr(os, "replace", killed)
        at_the_last_step.setattr(os, "unlink", lambda path: None)
        with pytest.raises(KeyboardInterrupt):
            whole_file.write(str(path), b"old")
    assert len(os.listdir(tmp_path)) == 1
    whole_file.write(str(path), b"new")
    assert path.read_bytes() == b"new"
