"""Files that `setup` must refuse, in words: a traceback tells users nothing that they can mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench.conformance.verdict import Breach
from bench.core.errors import BenchError, describe

GARBAGE = {
    "is empty": b"",
    "holds no weights": b"no weights \x00\xff" * 40,
    "is a web page": b"<!DOCTYPE html><html>sign in</html>",
}


def damaged(folder: Path, whole: Path | None) -> Iterator[tuple[Path, str]]:
    """Files with what is wrong with each; half of `whole` among them."""
    contents = dict(GARBAGE)
    if whole is not None:
        data = whole.read_bytes()
        contents["is cut off"] = data[: len(data) // 2]
    for number, (how, content) in enumerate(contents.items()):
        path = folder / f"damaged-{number}.safetensors"
        path.write_bytes(content)
        yield path, how


def must_refuse(
    setup: Callable[[Mapping[str, Path]], object], files: Mapping[str, Path], role: str, how: str
) -> None:
    """Raise `Breach` unless `setup(files)` raises a `BenchError` for its file `role`."""
    try:
        setup(files)
    except BenchError:
        return
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Breach(
            f"setup with a file {role!r} that {how} raised {describe(error)}; "
            f"expected a BenchError that names the file"
        ) from error
    raise Breach(f"setup accepted a file {role!r} that {how}; expected a BenchError")
