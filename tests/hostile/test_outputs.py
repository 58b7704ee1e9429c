"""A report that cannot be written, or not to its end, leaves the old one whole."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.test_process import clean_environment, heed_ctrl_c
from tests.hostile.test_files import NEIGHBOUR

STALLING = (
    "import os, sys, time; os.fsync = lambda file: time.sleep(60)\n"
    "from lbcheck.__main__ import run\n"
    "sys.exit(run(['audit', '.', '-o', 'json=report.json']))"
)


def test_a_full_disk_leaves_the_old_report_and_no_temporary_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    (tmp_path / "report.json").write_text("old")
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "from lbcheck.__main__ import run\n"
        "sys.exit(run(['audit', '.', '-o', 'json=report.json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "lbcheck: report.json: cannot be written: File too large\n"
    assert sorted(os.listdir(tmp_path)) == ["neighbour.conf", "report.json"]
    assert (tmp_path / "report.json").read_text() == "old"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_end_in_the_middle_of_writing_leaves_the_old_report(
    tmp_path: pathlib.Path, number: signal.Signals
) -> None:
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    (tmp_path / "report.json").write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-c", STALLING],
        cwd=tmp_path,
        env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=heed_ctrl_c,
    )
    try:
        while not list(tmp_path.glob(".report.json.*.tmp")):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(30) != 0
    finally:  # one that runs on would be told as the fault of another test
        process.kill()
        process.wait()
    assert (tmp_path / "report.json").read_text() == "old"
    if number is signal.SIGINT:  # the other two give nobody a chance to tidy up
        assert sorted(os.listdir(tmp_path)) == ["neighbour.conf", "report.json"]
