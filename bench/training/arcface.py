"""ArcFace (Deng et al. 2019, arXiv 1801.07698): its loss, and the measure of what it teaches."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor
from torch.nn import functional as F


def arcface_loss(cosines: Tensor, shown: Tensor, scale: float, margin: float) -> Tensor:
    """Equation 3 of the paper, of cosines (N, people) and the person shown (N,).

    Beyond pi - margin, where the widened angle would leave the sphere, the cosine goes on falling
    in a straight line, as in the authors' code.
    """
    own = cosines.gather(1, shown[:, None]).clamp(-1 + 1e-6, 1 - 1e-6)
    widened = torch.cos(torch.acos(own) + margin)
    beyond = own - margin * math.sin(margin)
    widened = torch.where(own > math.cos(math.pi - margin), widened, beyond)
    return F.cross_entropy(scale * cosines.scatter(1, shown[:, None], widened), shown)


def area_under_roc(scores: NDArray[np.float64], is_same: NDArray[np.bool_]) -> float:
    """The probability that a pair of one person scores above a pair of two; ties count half."""
    ranks = rankdata(scores)
    same, other = int(is_same.sum()), int((~is_same).sum())
    above = ranks[is_same].sum() - same * (same + 1) / 2
    return float(above / (same * other))
