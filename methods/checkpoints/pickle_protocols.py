"""Pickles of the protocols 3 to 5, rewritten in protocol 2, the one that torch's restricted
unpickler reads.

Nothing is unpickled here: operations are copied, and those that newer protocols have for the same
thing are spelt as protocol 2 does. Whatever has no such spelling is copied too, for the unpickler
to refuse.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from collections.abc import Iterator
from typing import Any

STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}
PUTS = {"MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"}
GETS = {"BINGET", "LONG_BINGET", "GET"}


def in_protocol_2(stream: io.BytesIO) -> bytes:
    """The next pickle of the stream in protocol 2; the stream stands behind it then.

    Raises `ValueError` if it is no pickle, or no whole one, and `pickle.UnpicklingError` if it
    names what it needs in a way that this reader does not follow.
    """
    return b"".join(Rewriter().rewritten(stream))


class Rewriter:
    """The operations of one pickle.

    Strings are never remembered but repeated, so that those which only name a global can be taken
    away: protocol 4 puts its module and its name on the stack, protocol 2 has them in the
    operation.
    """

    def __init__(self) -> None:
        self.strings: dict[int, str] = {}  # remembered ones, by their place in the memo
        self.memo_size = 0
        self.waiting: list[str] = []  # strings read and not yet written
        self.on_top: str | None = None  # the string on the stack's top

    def rewritten(self, stream: io.BytesIO) -> Iterator[bytes]:
        """Protocol 2, in pieces."""
        operations: list[tuple[str, Any, int | None]] = [
            (op.name, value, place) for op, value, place in pickletools.genops(stream)
        ]
        end = stream.tell()
        starts = [place or 0 for _, _, place in operations]
        whole = stream.getbuffer()
        for (name, value, _), start, stop in zip(
            operations, starts, [*starts[1:], end], strict=True
        ):
            if name in STRINGS or (name in GETS and int(value) in self.strings):
                self.on_top = self.strings[int(value)] if name in GETS else str(value)
                self.waiting.append(self.on_top)
            elif name in PUTS:
                yield from self.remember(self.memo_size if name == "MEMOIZE" else int(value))
            elif name == "STACK_GLOBAL":
                yield from self.stack_global()
            else:
                yield from self.flush()
                yield b"" if name == "FRAME" else operation(name, bytes(whole[start:stop]))

    def remember(self, place: int) -> Iterator[bytes]:
        """Note a string; write down where any other object is remembered."""
        self.memo_size += 1
        if self.on_top is not None:
            self.strings[place] = self.on_top
        else:
            self.strings.pop(place, None)
            yield pickle.LONG_BINPUT + struct.pack("<I", place)

    def stack_global(self) -> Iterator[bytes]:
        """The global that the two strings on top name."""
        if len(self.waiting) < 2 or any("\n" in name for name in self.waiting[-2:]):
            raise pickle.UnpicklingError("unsupported: a global that is named by no plain strings")
        module, name = self.waiting[-2:]
        del self.waiting[-2:]
        yield from self.flush()
        yield pickle.GLOBAL + f"{module}\n{name}\n".encode()

    def flush(self) -> Iterator[bytes]:
        """Write the strings that turned out to be values."""
        for string in self.waiting:
            encoded = string.encode("utf-8", "surrogatepass")
            yield pickle.BINUNICODE + struct.pack("<I", len(encoded)) + encoded
        self.waiting.clear()
        self.on_top = None


def operation(name: str, as_written: bytes) -> bytes:
    """One operation, under protocol 2."""
    return pickle.PROTO + b"\x02" if name == "PROTO" else as_written
