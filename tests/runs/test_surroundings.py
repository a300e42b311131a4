"""What a command is started in decides neither what it measures nor how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.core.errors import BenchError
from bench.runs import memory_limit
from tests.runs.test_run import stored
from tests.support.commands import BAD, ROOT, bench, bench_here, rows, states

HOMELESS = """
import pwd
def nobody(_): raise KeyError("no such user")
pwd.getpwuid = nobody
"""


@pytest.fixture
def command(data: Path, suite: Path, tmp_path: Path) -> list[str]:
    """A run of one method on one picture."""
    return ["run", "--suite", str(suite), "--data", str(data), "--splits", "face", "--images", "1",
            "--methods", f"{BAD}:Prints", "--out", str(tmp_path / "out")]  # fmt: skip


def start(command: list[str], **options: object) -> subprocess.Popen[str]:
    """`python -m bench COMMAND`, not waited for."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "bench", *command], text=True,
                            **{"cwd": ROOT, "env": environment, **options})  # fmt: skip


def test_what_the_environment_holds_decides_nothing(command: list[str], tmp_path: Path) -> None:
    """A notebook's backend of matplotlib, a long TMPDIR, no home, no name of the user, ASCII."""
    deep = tmp_path / ("t" * 110)
    deep.mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(HOMELESS)
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("HOME", "BENCH_CACHE", "XDG_CACHE_HOME")},
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TMPDIR": str(deep),
        "PYTHONIOENCODING": "ascii:strict",
        "PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), str(ROOT))),
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    process = start(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert states(tmp_path / "out") == {"ok": 1}
    assert "PSNR (dB) " in out  # and an arrow: typer writes UTF-8 where a stream is ASCII
    assert "Traceback" not in err


def test_a_home_that_cannot_be_written_is_none_that_is_needed(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    done = bench("list", HOME=str(tmp_path / "home"), BENCH_CACHE="", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0, done.stderr
    assert "glean" in done.stdout


def test_closed_streams_and_readers_that_left_cost_nothing(
    command: list[str], tmp_path: Path
) -> None:
    closed = ["sh", "-c", 'exec "$0" "$@" >&- 2>&- <&-', sys.executable, "-m", "bench", *command]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    assert (
        subprocess.run(closed, cwd=ROOT, env=environment, check=False, timeout=280).returncode == 0
    )
    assert states(tmp_path / "out") == {"ok": 1}
    # A pipe whose reader is gone before the first word: the method's words fail too.
    ours, theirs = os.pipe()
    os.close(ours)
    left = start([*command, "--fresh"], stdout=theirs, stderr=theirs)
    os.close(theirs)
    assert left.wait(timeout=280) == 0
    assert states(tmp_path / "out") == {"ok": 1}
    assert (tmp_path / "out" / "report.html").is_file()


def test_head_ends_a_list_and_no_more() -> None:
    process = start(["list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == "methods\n"
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == ""
    assert process.wait(timeout=100) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_output_that_is_lost_to_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        process = start(["list"], stdout=full, stderr=subprocess.PIPE)
        told = process.communicate(timeout=100)[1]
    assert told == "error: standard output is not whole: No space left on device\n"
    assert process.returncode == 74  # no status that a command gives for what it found


@pytest.mark.parametrize("begin", [("-m", "bench"), ("-c", "from bench.cli import main; main()")])
def test_modules_of_the_working_folder_hide_none_of_others(
    begin: tuple[str, ...], command: list[str], tmp_path: Path
) -> None:
    here = tmp_path / "here"
    (here / "methods").mkdir(parents=True)
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').close()\nraise SystemExit('trap')\n"
    names = ["random.py", "socket.py", "torch.py", "methods/__init__.py"]
    # `python -m bench` names a bench.py of the working folder itself.
    for name in names if begin[0] == "-m" else [*names, "bench.py"]:
        (here / name).write_text(trap)
    flags = () if begin[0] == "-m" else ("-P",)  # as the command `bench` has it, installed
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *flags, *begin, *command], cwd=here, env=environment,
                          capture_output=True, text=True, timeout=280, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert states(tmp_path / "out") == {"ok": 1}
    assert not (tmp_path / "sprung").exists()


def test_a_script_without_a_main_guard_runs_once(command: list[str], tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"print('once')\nimport sys\nsys.argv = {['bench', *command]!r}\n"
        "from bench.cli import main\nmain()\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, timeout=280, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("once") == 1
    assert states(tmp_path / "out") == {"ok": 1}
    assert len(list((tmp_path / "out" / "store" / "plans").iterdir())) == 1


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_signals_of_batch_systems_find_the_tables_written(
    name: str, status: int, data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(["run", "--suite", str(suite), "--data", str(data), "--splits", "face",
                     "--methods", f"{BAD}:Sleeps", "--set", "Sleeps.seconds=1", "--out", str(out)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)  # fmt: skip
    deadline = time.monotonic() + 100
    while stored(out) < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, getattr(signal, name))  # as schedulers do, to all processes of the job
    told = process.communicate(timeout=100)[1]
    assert process.returncode == status, told
    kept = "finished rows are kept, and the same command goes on"
    assert told.endswith(f"ended by {name}: {kept}\n")
    assert "Traceback" not in told
    assert 1 <= len(rows(out)) < 5
    assert states(out) == {"ok": len(rows(out))}  # none failed for the signal that its worker got
    assert (out / "report.html").is_file()
    assert (out / "summary.md").is_file()


def test_an_interrupt_before_the_work_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bench.cli.list_.method_rows", interrupted)
    done = bench_here("list")
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep to such limits")
def test_a_memory_limit_that_is_too_low_is_told_before_anything_is_tried(
    command: list[str], tmp_path: Path
) -> None:
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    process = start(command, stderr=subprocess.PIPE, preexec_fn=limit)
    told = process.communicate(timeout=280)[1]
    assert process.returncode == 2
    assert told.startswith("error: memory is limited to 1 GiB by `ulimit -v`, which is too little")
    assert "`ulimit -v unlimited`" in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()


def test_an_import_that_never_ends_under_a_limit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_limit, "limits_here", lambda: {"ulimit -v": 3 * 2**30})
    monkeypatch.setattr(memory_limit, "TRIAL", "import time; time.sleep(600)")
    monkeypatch.setattr(memory_limit, "LIMIT_S", 0.5)
    with pytest.raises(BenchError, match="limited to 3 GiB by `ulimit -v`"):
        memory_limit.check_memory_limit()
