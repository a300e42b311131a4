"""How much memory is free for more work."""

from __future__ import annotations

from pathlib import Path

import psutil
import torch

CGROUP = Path("/sys/fs/cgroup")  # of a container, as it sees itself


def free_memory(device: torch.device) -> int:
    """Bytes that may still be taken on the device: on a GPU those that torch holds unused too, on
    a CPU no more than a container leaves."""
    if device.type == "cuda":
        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + held
    free = int(psutil.virtual_memory().available)
    left = left_in_container()
    return free if left is None else min(free, left)


def left_in_container() -> int | None:
    """What a container may still take; None where it has no limit."""
    try:
        most, now = (
            int((CGROUP / name).read_text(encoding="ascii"))
            for name in ("memory.max", "memory.current")
        )
        stat = (CGROUP / "memory.stat").read_text(encoding="ascii").split()
        files = int(stat[stat.index("inactive_file") + 1])  # read once, and given up when needed
    except (OSError, ValueError):  # "max" is no number
        return None
    return max(most - now + files, 0)
