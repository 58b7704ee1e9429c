"""Which HAProxy files are read together, and what is said where that cannot be found out."""

import os
import pathlib

import pytest

from lbcheck.model import Declared
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files

WHOLE = "global\ndefaults\n    mode http\nfrontend web\n    bind :80\n    default_backend ws\n"
FRAGMENT = "backend ws\n    server a 127.0.0.1:9001 check\n"


def names(path: pathlib.Path) -> list[str]:
    found = read(Wanted((str(path),)), Files(folder=str(path.parent)), Declared())
    return [source.name for source in found.sources]


def test_a_fragment_is_read_with_the_files_beside_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "1.cfg").write_text(WHOLE)
    (tmp_path / "2.cfg").write_text(FRAGMENT)
    assert names(tmp_path / "2.cfg") == ["1.cfg", "2.cfg"]


def test_a_folder_that_may_not_be_listed_has_no_siblings(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: str) -> list[str]:
        raise PermissionError(13, "Permission denied", folder)

    (tmp_path / "1.cfg").write_text(WHOLE)
    (tmp_path / "2.cfg").write_text(FRAGMENT)
    monkeypatch.setattr(os, "listdir", refuse)  # chmod does not stop root, who runs CI images
    assert names(tmp_path / "2.cfg") == ["2.cfg"]
