"""Lists of arrays in NumPy's `.npz`, which are pickles: read by a reader that runs nothing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from methods.checkpoints.array_pickle import KNOWN, NotArrays, read_arrays, read_list


def objects(*entries: object) -> np.ndarray:
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array


ONE = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_arrays_come_as_they_were_in_every_protocol(protocol: int) -> None:
    found = read_list(pickle.dumps(objects(ONE, ONE[0]), protocol))
    assert [array.tolist() for array in found] == [ONE.tolist(), ONE[0].tolist()]
    assert not any(array.flags.writeable for array in found)


def of_python_2(code: str, entry: str) -> bytes:
    """A list of one array, as Python 2 pickles it: bytes are strings there."""
    begin = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    outer = (
        f"{begin}(I1\n(I1\ntcnumpy\ndtype\n(S'O8'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntbI00\n"
    )
    inner = f"{begin}(I1\n(I1\ntcnumpy\ndtype\n(S'{code}'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS{entry}\ntb"
    return f"{outer}(l{inner}atb.".encode("latin1")


def test_a_file_of_python_2_is_read() -> None:
    number = np.float32(-1.5).tobytes()
    assert [array.tolist() for array in read_list(of_python_2("f4", repr(number)[1:]))] == [[-1.5]]
    with pytest.raises(NotArrays, match="type 'f8', expected float32"):
        read_list(of_python_2("f8", repr(number * 2)[1:]))


class Program:
    """What runs when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.mark),)


HOSTILE = {
    "a program by name": (b"cposix\nsystem\n(S'true'\ntR.", "names posix.system and was not opened"),
    "a relative of the known": (b"cnumpy\nload\n(Va\ntR.", "names numpy.load and was not opened"),
    "other encodings": (b"c_codecs\nencode\n(Va\nVzip\ntR.", "holds bytes as 'zip'"),
    "a dotted name": (b"\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93.", "names numpy.dtype.__init__"),
    "attributes of a class": (b"cnumpy\nndarray\n(N(dVx\nI1\nstb.", "is no pickle of arrays"),
    "attributes of a stand-in": (b"cnumpy\nndarray\n)\x81(dVx\nI1\nsb.", "sets a state of"),
    "attributes of the encoder": (b"c_codecs\nencode\n(N(dVx\nI1\nstb.", "is no pickle of arrays"),
    "a number": (b"I3\n.", "holds a int, expected a list"),
    "numbers, no list": (pickle.dumps(ONE, 2), "expected a list of arrays"),
    "a list of lists": (pickle.dumps(objects([1], [2]), 2), "holds a list, expected arrays"),
    "objects in objects": (pickle.dumps(objects(objects(ONE)), 2), "numbers of type 'O8'"),
    "one array again and again": (
        pickle.dumps(objects(*[np.ones(999, np.float32)] * 999), 2), "bytes, but its arrays claim to be 3992004"),
    "doubles": (pickle.dumps(objects(ONE.astype(float)), 2), "type 'f8', expected float32"),
    "column order": (pickle.dumps(objects(np.asfortranarray(ONE)), 2), "that its bytes do not fill"),
    "cut off": (pickle.dumps(objects(ONE), 2)[:-9], "is no pickle of arrays"),
    "nothing": (b"", "is no pickle of arrays"),
    "an endless memo": (b"\x80\x02" + b"(l2a" * 4000 + b".", "is no pickle of arrays|expected a list"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_list_of_arrays_is_refused(name: str) -> None:
    data, said = HOSTILE[name]
    before = {known: sorted(vars(known)) for known in KNOWN.values()}
    with pytest.raises(NotArrays, match=said):
        read_list(data)
    assert {known: sorted(vars(known)) for known in KNOWN.values()} == before


def test_nothing_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for protocol in range(5):
        with pytest.raises(NotArrays, match="could run code"):
            read_list(pickle.dumps(objects(ONE, Program(mark)), protocol))
    assert not mark.exists()


def test_a_small_file_of_many_mappings_costs_little() -> None:
    tree: object = ONE
    for _ in range(4):
        tree = {str(i): tree for i in range(99)}
    with pytest.raises(NotArrays, match="more than 100000 values"):
        read_arrays(pickle.dumps({"network": tree}, 2))
