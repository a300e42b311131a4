"""The folder that a command has for itself is gone when it ends, whatever ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.core.scratch import scratch_folder

HOLDS = """
import sys, time
from pathlib import Path
from bench.core.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_text("much")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_it_is_gone_at_the_end_and_after_an_error(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "here") as folder:
        assert folder is not None
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text("x")
    with pytest.raises(KeyboardInterrupt), scratch_folder(tmp_path / "here") as folder:
        raise KeyboardInterrupt
    assert not list((tmp_path / "here").iterdir())


def test_that_of_a_killed_process_goes_with_the_next_one(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    theirs = Path(process.stdout.readline().strip())
    with scratch_folder(tmp_path) as ours:
        assert ours is not None
        assert theirs.is_dir()  # its process is there
        assert ours != theirs
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (theirs / "file").exists()
    with scratch_folder(tmp_path):
        assert not theirs.exists()
    assert not list(tmp_path.iterdir())


def test_where_none_can_be_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with scratch_folder(tmp_path / "file" / "below") as folder:
        assert folder is None
