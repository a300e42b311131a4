"""Memory that is freed and wanted again at once, as each step of a search does, kept in between.

glibc gives large blocks back to the system when they are freed; the next step then gets them page
by page, each cleared by the kernel, which takes an eighth of a small search's time.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# Of glibc's malloc.h.
M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4
NEVER = 2**31 - 1  # bytes at the end of the heap, from which on they are given back


@cache
def glibc() -> ctypes.CDLL | None:
    """The C library, if it is one that can be told so."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def keep_freed_memory() -> None:
    """From now on, what this process frees stays with it; elsewhere than on glibc, do nothing."""
    if library := glibc():
        library.mallopt(M_TRIM_THRESHOLD, NEVER)
        library.mallopt(M_MMAP_MAX, 0)


def return_freed_memory() -> None:
    """Give back now what is free: then a process that grows tells what it needs."""
    if library := glibc():
        library.malloc_trim(0)
