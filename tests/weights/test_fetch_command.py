"""`python -m bench fetch`, the registry and the folders that are searched, as a user meets them."""

from __future__ import annotations

import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import OpenerDirector

import pytest

from bench.weights import search
from bench.weights.fetch import fetch
from bench.weights.part import part_path
from bench.weights.search import Found, Missing, find
from bench.weights.shelves import cards, places_of, shipped_dir
from bench.weights.verify import KINDS
from bench.weights.web import Unreachable, request
from tests.support.commands import bench_here
from tests.support.flaky_server import Server, serve, silent, slow, status
from tests.weights.test_fetch import CONTENT, DIGEST, HTML, NEWER, QUICK, Heard


def write_registry(folder: Path, server: Server, **more: str) -> None:
    folder.mkdir(exist_ok=True)
    facts = {"title": "Tiny", "kind": "esrgan", "file": "weights.pth", "url": server.url,
             "sha256": DIGEST[:8], "licence": "mine alone", **more}  # fmt: skip
    lines = [f'{key} = "{value}"' for key, value in facts.items() if value]
    (folder / "registry.toml").write_text("\n".join(["[tiny]", *lines, "serves = [{scale = 16}]"]))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder in BENCH_WEIGHTS, and a cache of its own."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "lab"))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "lab").mkdir()
    return tmp_path / "lab"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(CONTENT) as running:
        yield running


def test_a_wrong_file_does_not_hide_a_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, cache = tmp_path / "mine", tmp_path / "cache"
    mine.mkdir()
    monkeypatch.setenv("BENCH_WEIGHTS", str(mine))
    monkeypatch.setenv("BENCH_CACHE", str(cache))
    with serve(CONTENT) as server:
        write_registry(mine, server)
        (mine / "weights.pth").write_bytes(NEWER)
        wrong = find(("esrgan",), split="church", scale=16)
        assert isinstance(wrong, Missing)
        assert f"{mine / 'weights.pth'} is not tiny: its sha256 is" in wrong.reason
        assert wrong.command == "`python -m bench fetch tiny`"
        placed = fetch(cards()["tiny"], None, QUICK, Heard())
    assert placed.path == cache / "weights" / "weights.pth"
    assert find(("esrgan",), split="church", scale=16) == Found(
        placed.path, DIGEST, cards()["tiny"]
    )
    assert (mine / "weights.pth").read_bytes() == NEWER


def test_the_hash_of_a_fetched_file_is_not_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(CONTENT) as server:
        write_registry(tmp_path, server)
        monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
        placed = fetch(cards()["tiny"], None, QUICK, Heard())
    monkeypatch.setattr(search, "computed_sha256", lambda _: "computed")
    assert search.sha256_of(placed.path) == DIGEST


def test_single_cards_need_no_file_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    facts = "title='T'\nkind='k'\nlicence='l'\n"
    (tmp_path / "known.toml").write_text(facts + "file='a.pth'\nurl='https://a.example/b.pth'\n")
    (tmp_path / "unrelated.toml").write_text("[project]\nname='x'\n")
    assert cards()["known"].file == "a.pth"
    assert "unrelated" not in cards()


def test_bad_registries_are_warned_of_and_the_good_cards_in_them_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    good = "title='T'\nkind='k'\nlicence='l'\nfile='a.pth'\nurl='https://a.example/a'\n"
    (tmp_path / "registry.toml").write_text(f"loose=1\n[one]\n{good}[two]\n{good}ulr='x'\n")
    with pytest.warns(UserWarning, match=r"two: unknown name 'ulr'; did you mean url"):
        assert "one" in cards()
    (tmp_path / "registry.toml").write_text("[one")
    with pytest.warns(UserWarning, match=r"registry\.toml passed over"):
        assert "one" not in cards()


@pytest.mark.filterwarnings("error")
def test_every_published_file_can_be_had_in_some_way() -> None:
    known = cards()
    assert len(known) >= 40
    files: dict[str, str | None] = {}
    for name, one in known.items():
        if places_of(one):  # it ships
            continue
        assert one.is_fetched or one.page or one.manual, name
        assert Path(one.file).suffix in KINDS, name
        # Known digits stand in the name, as OpenMMLab, torchvision and BasicSR publish them.
        if one.sha256 and len(one.sha256) == 8 and one.url:
            assert Path(one.file).stem.endswith(one.sha256), name
            assert one.url.endswith(one.file), name
        assert files.setdefault(one.file, one.sha256) == one.sha256, name
    assert (shipped_dir() / "registry.toml").is_file()


def test_fetch_places_the_file_and_the_second_time_finds_it(
    lab: Path, server: Server, tmp_path: Path
) -> None:
    write_registry(lab, server)
    first, second = bench_here("fetch", "tiny"), bench_here("fetch", "tiny")
    target = tmp_path / "cache" / "weights" / "weights.pth"
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert f"tiny: {target} (0.3 MB; licence: mine alone)" in first.stdout
    assert "is here already" in second.stdout
    assert target.read_bytes() == CONTENT
    assert len(server.asked) == 1
    listed = bench_here("fetch", "--list", "--method", "esrgan", "--scale", "16").stdout
    assert re.search(r"^tiny +yes +0\.3 MB +esrgan +16x +mine alone$", listed, re.MULTILINE)


def test_one_failure_does_not_keep_the_others(lab: Path, server: Server) -> None:
    write_registry(lab, server)
    text = (lab / "registry.toml").read_text()
    gone = text.replace("[tiny]", "[gone]").replace("weights.pth", "gone.pth")
    (lab / "registry.toml").write_text(f"{gone}\n{text}")
    server.plan = [status(404)]
    done = bench_here("fetch", "gone", "tiny")
    assert done.returncode == 1
    assert "gone.pth: the server answers HTTP 404 Not Found" in done.stderr
    assert "fetch NAME --from FILE" in done.stderr
    assert "tiny: " in done.stdout


def test_killed_midway_the_same_command_resumes(lab: Path, server: Server, tmp_path: Path) -> None:
    write_registry(lab, server)
    server.plan = [slow(0.05, 20_000)]
    part = part_path(tmp_path / "cache" / "weights" / "weights.pth")
    with subprocess.Popen([sys.executable, "-m", "bench", "fetch", "tiny"]) as fetching:
        deadline = time.monotonic() + 30
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.01)
        fetching.send_signal(signal.SIGKILL)
    have = part.stat().st_size
    assert 0 < have < len(CONTENT)
    done = bench_here("fetch", "tiny")
    assert done.returncode == 0, done.stderr
    assert server.asked == [None, f"bytes={have}-"]
    assert (tmp_path / "cache" / "weights" / "weights.pth").read_bytes() == CONTENT
    assert not part.exists()


def test_two_at_once_fetch_it_once(lab: Path, server: Server, tmp_path: Path) -> None:
    write_registry(lab, server)
    server.plan = [slow(0.1, 20_000)]
    command = [sys.executable, "-m", "bench", "fetch", "tiny"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert server.asked == [None]
    assert sum("another process is fetching weights.pth" in err for _, err in outputs) == 1
    assert [path.name for path in (tmp_path / "cache" / "weights").iterdir()] == ["weights.pth"]


def test_a_disk_that_fills_up_keeps_what_has_come(
    lab: Path, server: Server, tmp_path: Path
) -> None:
    write_registry(lab, server)
    limit = (150_000, 150_000)
    done = subprocess.run(
        [sys.executable, "-m", "bench", "fetch", "tiny"],
        check=False, capture_output=True, text=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )  # fmt: skip
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert part_path(tmp_path / "cache" / "weights" / "weights.pth").stat().st_size == 150_000
    assert bench_here("fetch", "tiny").returncode == 0
    assert server.asked == [None, "bytes=150000-"]


def test_offline_is_told_at_once(lab: Path, server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/weights.pth"
    write_registry(lab, server, url=closed)
    began = time.monotonic()
    done = bench_here("fetch", "tiny")
    assert done.returncode == 1
    assert (
        "127.0.0.1 cannot be reached (Connection refused): is this machine offline?" in done.stderr
    )
    write_registry(lab, server, url="http://nowhere.invalid/weights.pth")
    assert (
        "nowhere.invalid is not found: is this machine offline?"
        in bench_here("fetch", "tiny").stderr
    )
    assert time.monotonic() - began < 40


def test_a_server_that_never_answers_is_given_up(lab: Path, server: Server) -> None:
    write_registry(lab, server)
    server.plan = [silent(9)] * 9
    began = time.monotonic()
    done = bench_here("fetch", "tiny", "--timeout", "0.5")
    assert "cannot be reached (no answer within 0.5 s)" in done.stderr
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("late", [TimeoutError("timed out"), URLError(TimeoutError("timed out"))])
def test_a_socket_that_times_out_first_says_the_same(
    late: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise late

    monkeypatch.setattr(OpenerDirector, "open", never)
    with pytest.raises(Unreachable, match=r"cannot be reached \(no answer within 0.5 s\)"):
        request("http://127.0.0.1/weights.pth", 0, "", 0.5)


def test_what_only_a_person_can_get_is_explained_and_placed(
    lab: Path, server: Server, tmp_path: Path
) -> None:
    write_registry(lab, server, url="", page="https://drive.example/file")
    told = bench_here("fetch", "tiny")
    assert told.returncode == 2
    for words in (
        "open https://drive.example/file in a browser and download weights.pth",
        "python -m bench fetch tiny --from FILE",
        f"its sha256 must begin with {DIGEST[:8]}",
        "licence: mine alone",
        str(tmp_path / "cache" / "weights" / "weights.pth"),
    ):
        assert words in told.stdout, words
    brought = tmp_path / "weights (1).pth"
    brought.write_bytes(HTML)
    refused = bench_here("fetch", "tiny", "--from", str(brought))
    assert refused.returncode == 1
    assert f"{brought} is a web page, not tiny" in refused.stderr
    brought.write_bytes(CONTENT)
    # Its hash tells which file it is.
    assert bench_here("fetch", "--from", str(brought)).returncode == 0
    assert (tmp_path / "cache" / "weights" / "weights.pth").read_bytes() == CONTENT
    assert bench_here("fetch", "tiny").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("glean-face-16",), "unknown file 'glean-face-16'. Did you mean 'glean-face-16x'"),
        (("glean",), "`python -m bench fetch --method glean` gets what that method takes"),
        ((), "say what to fetch"),
        (("--method", "bicubic"), "bicubic takes no files of weights"),
        (("--method", "glaen"), "unknown method 'glaen'. Did you mean 'glean'"),
        (
            ("--method", "glean", "--split", "church"),
            "no known file serves that; those of glean: bedroom 16x",
        ),
        (("--split", "cat"), "choose among the files of --method or --list"),
        (("vgg16", "lpips-vgg", "--from", "a"), "--from is one file, but 2 names are given"),
        (("--from", "nothing.pth"), "say which file it is"),
    ],
)
def test_mistakes_are_told_with_what_helps(arguments: tuple[str, ...], words: str) -> None:
    done = bench_here("fetch", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_shows_state_size_and_licence_without_torch(lab: Path, server: Server) -> None:
    write_registry(lab, server)
    (lab / "weights.pth").write_bytes(NEWER)
    probe = "import sys; from bench.cli import app; app(['fetch', '--list'], standalone_mode=False); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", probe], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.endswith("False\n")
    assert re.search(
        r"^tiny +another file of its name +0\.3 MB .*mine alone$", done.stdout, re.MULTILINE
    )
    assert re.search(r"^pggan-face +missing, by hand +not published", done.stdout, re.MULTILINE)
    assert server.asked == []


def test_advice_of_the_program_names_a_command_that_exists(
    lab: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_registry(lab, server)
    missing = find(("esrgan",), split="church", scale=16)
    assert isinstance(missing, Missing)
    command = missing.command.strip("`").removeprefix("python -m bench ").split()
    assert bench_here(*command).returncode == 0
    assert isinstance(find(("esrgan",), split="church", scale=16), Found)


def test_methods_say_the_kinds_of_weights_that_they_take() -> None:
    import torch

    from bench.operators import Downsample
    from methods.base import Task
    from methods.registry import BUILT_IN, load

    for facts in BUILT_IN.values():
        if facts.modules:
            continue
        task = Task("face", (64, 64), 16, Downsample(16), torch.device("cpu"), Path())
        method_class = load(facts)
        settings = method_class.Settings
        # Other files serve one without decoder, or are the authors'.
        others = {"decoder": False} if facts.name == "glean-light" else {"weights": "official"}
        has_others = others.keys() <= settings.model_fields.keys()
        variants = [settings(), *([settings.model_validate(others)] if has_others else [])]
        needs = [need for each in variants for need in method_class(task, each).needs()]
        assert {kind for need in needs for kind in need.kinds} == set(facts.weights), facts.name
