"""What the names of sets of tensors in checkpoints say: averages, what stands beside a generator,
counters; in every toolbox another way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Names under which files keep a generator, in the order in which one of several is meant, where
# all or none of them are averages. Others come after them.
NAMES = (
    *("params_ema", "g_ema", "generator_ema", "generator_smooth", "G_ema", "params"),
    *("state_dict", "model_state_dict", "generator", "G", "netG", "net_g", "model", "module"),
    *("net", "network"),
)
AVERAGE = re.compile(
    r"(^|[^a-z])(swa|avg|averaged?|smooth(ed)?|shadow|running|polyak)($|[^a-z])"
    r"|^ema|ema($|[^a-z])|^gs$",
    re.IGNORECASE,
)
RAW = re.compile(r"(^|[^a-z])(online|raw|student|source)($|[^a-z])", re.IGNORECASE)
# What stands beside a generator, and is none.
BESIDE = re.compile(
    r"discriminator|critic|optim|scheduler|perceptual|preprocessor"
    r"|(^|[^a-z])(d|disc|vgg\d*|loss(es)?)($|[^a-z])|^net_?d($|[^a-z])",
    re.IGNORECASE,
)
# The same, where it stands among the tensors of a generator that is under no name of its own.
AMONG = re.compile(r"discriminator\w*|\w+_loss|data_preprocessor")
# What wrappers and trainings add to the very set that they wrap; each is one number.
COUNTERS = {"steps", "step", "step_counter", "n_averaged", "num_updates", "decay", "initted"}
COUNTERS |= {"epoch", "iter", "global_step"}

Rank = tuple[bool, bool, list[int]]


def is_average(part: str) -> bool | None:
    """Whether a name says that a set is an average; None if it says neither."""
    if RAW.search(part):
        return False
    return True if AVERAGE.search(part) else None


def rank(path: Sequence[str], known: Mapping[str, bool]) -> Rank:
    """How far a set of that path is from being the one that is meant: the least is.

    A generator comes before what stands beside one, an average before others, and names as
    `NAMES` has them. known: which of the names mean averages, against what they say.
    """
    # The innermost word counts: `ema.online_model` is no average, `ema.ema_model` is one.
    said = [known.get(part, is_average(part)) for part in reversed(path)]
    averaged = next((word for word in said if word is not None), False)
    places = [NAMES.index(part) if part in NAMES else len(NAMES) for part in path]
    return any(map(BESIDE.search, path)), not averaged, places


def swapped_by_mmengine(loaded: Mapping[str, object]) -> dict[str, bool]:
    """Which names mean averages in a file of mmengine's `EMAHook`: it saves the average as the
    `state_dict`, and the raw weights in its stead as `ema_state_dict`."""
    meta = loaded.get("meta")
    is_its = isinstance(meta, Mapping) and "mmengine_version" in meta
    swaps = is_its and {"state_dict", "ema_state_dict"} <= loaded.keys()
    return {"state_dict": True, "ema_state_dict": False} if swaps else {}
