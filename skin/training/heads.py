"""Heads: ridge scores from the network's features, and the calibration that turns scores into chances of each grade."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skin.training.loader import Labels
from skin.training.network import CONCERNS, MONK_STEPS, TYPE_COUNT, Answer, SkinNetwork

Array = NDArray[np.float64]
SCORES = CONCERNS + 1
# Standardised features are cut here, so that one odd pixel statistic cannot decide a face.
CUT = 4.0
# Rare types are raised by this power of their rarity: else the commonest type wins nearly everywhere. Kappa of people
# left out rises from .23 to .28 (`interfaces`) and .27 to .33 (`sfhq`).
TYPE_BALANCE = 0.5


class Heads(nn.Module):
    """Linear scores on standardised feature blocks, then ordered chances (McCullagh 1980, proportional odds)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.linear = nn.Linear(width, SCORES + TYPE_COUNT)
        self.grade_slope = nn.Parameter(torch.ones(CONCERNS))
        self.grade_cuts = nn.Parameter(torch.zeros(CONCERNS, 3))
        self.monk_slope = nn.Parameter(torch.ones(1))
        self.monk_cuts = nn.Parameter(torch.zeros(MONK_STEPS - 1))
        self.type_mix = nn.Linear(SCORES + TYPE_COUNT, TYPE_COUNT)

    def scores(self, blocks: Sequence[Tensor]) -> Tensor:
        """Raw scores (B, 15): ten concerns, Monk, four types."""
        features = (torch.cat(list(blocks), dim=1) - self.get_buffer("mean")) * self.get_buffer("scale")
        scores: Tensor = self.linear(features.clamp(-CUT, CUT))
        return scores

    def calibrated(self, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of being above each grade (B, 10, 3) and each Monk step (B, 9), and of the types (B, 4)."""
        grades = scores[:, :CONCERNS, None] * self.grade_slope[:, None] - self.grade_cuts
        monk = scores[:, CONCERNS : CONCERNS + 1] * self.monk_slope - self.monk_cuts
        return grades, monk, self.type_mix(scores)

    def forward(self, blocks: Sequence[Tensor], logits: Tensor) -> Answer:
        return Answer(*self.calibrated(self.scores(blocks)), torch.sigmoid(logits))


def chances(above: Tensor) -> Tensor:
    """Chances (..., K + 1) of each step from logits (..., K) of being above each of the ordered cuts."""
    over = torch.sigmoid(above)
    one, none = torch.ones_like(over[..., :1]), torch.zeros_like(over[..., :1])
    return torch.cat([one, over], dim=-1) - torch.cat([over, none], dim=-1)


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """Fitted weights: `mean`, `scale` (D,), `weight` (D, T), `bias` (G, T) for each group of training faces."""

    mean: Array
    scale: Array
    weight: Array
    bias: Array

    def predict(self, features: Array, group: NDArray[np.int64] | int = 0) -> Array:
        """Scores (N, T) of features (N, D) with the bias of their group."""
        standard = np.clip((features - self.mean) * self.scale, -CUT, CUT)
        return np.asarray(standard @ self.weight + self.bias[group], np.float64)


def block_scales(widths: Sequence[int], shares: Sequence[float]) -> Array:
    """Multipliers (D,) that give each block of features its share of the total variance whatever its width."""
    return np.concatenate([np.full(w, np.sqrt(s / w)) for w, s in zip(widths, shares, strict=True)])


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What ridge learns from: targets (N, T), weight (N,), and the group (N,) of each face, which has its own level."""

    targets: Array
    weight: Array
    group: NDArray[np.int64]


def standards(features: Array, weight: Array) -> tuple[Array, Array]:
    """Mean (D,) and inverse deviation (D,) of features (N, D)."""
    mean = np.average(features, axis=0, weights=weight)
    return mean, 1.0 / (np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight)) + 1e-6)


def fit_ridge(
    features: Array,
    lessons: Lessons,
    *,
    importance: Array,
    penalties: Array,
    standard: tuple[Array, Array] | None = None,
) -> Ridge:
    """Weighted ridge in the dual within groups, one penalty per target by leave-one-out error.

    Sets differ in camera and in raters, so only differences within a set teach. `features` (N, D); `importance` (D,)
    multiplies standardised features, `standard` is what to standardise them by if not by themselves.
    """
    weight = lessons.weight
    mean, scale = standard or standards(features, weight)
    design = np.clip((features - mean) * scale, -CUT, CUT)
    offset, centre = (_group_means(values, lessons) for values in (design, lessons.targets))
    root = np.sqrt(weight)[:, None]
    within = (design - offset[lessons.group]) * importance * root
    values, vectors = np.linalg.eigh(within @ within.T)
    turned = np.asarray(vectors.T @ (root * (lessons.targets - centre[lessons.group])), np.float64)
    dual = vectors @ (turned / (values[:, None] + _penalties(values, vectors, turned, penalties)))
    solved = (within.T @ dual) * importance[:, None]
    return Ridge(mean, scale, solved, centre - offset @ solved)


def _group_means(values: Array, lessons: Lessons) -> Array:
    """Weighted mean (G, D) of each group."""
    groups = range(int(lessons.group.max()) + 1)
    rows = [lessons.group == g for g in groups]
    return np.stack([np.average(values[r], axis=0, weights=lessons.weight[r]) for r in rows])


def _penalties(values: Array, vectors: Array, turned: Array, penalties: Array) -> Array:
    errors = []
    for penalty in penalties:
        shrink = 1.0 / (values + penalty)
        residual = vectors @ (turned * shrink[:, None])
        errors.append(((residual / ((vectors**2) @ shrink)[:, None]) ** 2).sum(axis=0))
    return np.asarray(penalties[np.argmin(np.stack(errors), axis=0)], np.float64)


def targets_of(labels: Labels) -> Array:
    """What ridge aims at (N, 15): mean grades, mean Monk step, type shares."""
    return np.asarray(np.concatenate([labels.grades, labels.monk[:, None], labels.types], axis=1), np.float64)


def calibrate(heads: Heads, scores: Array, labels: Labels, *, weight: Array, steps: int = 400) -> None:
    """Fit slopes, cuts and type mix on scores (N, 15) of people the ridge had not seen, by soft-label likelihood."""
    told, weights = torch.from_numpy(scores).float(), torch.from_numpy(weight).float()
    _start_cuts(heads)
    chosen = [p for name, p in heads.named_parameters() if not name.startswith("linear")]
    optimiser = torch.optim.Adam(chosen, lr=0.03)
    truths = [torch.from_numpy(a).float() for a in (labels.grade_shares, labels.monk_shares, labels.types)]
    for _ in range(steps):
        grades, monk, types = heads.calibrated(told)
        guesses = (chances(grades), chances(monk), torch.softmax(types, dim=1))
        loss = torch.stack([_likelihood(t, g, weights) for t, g in zip(truths, guesses, strict=True)]).sum()
        loss = loss + 0.01 * (heads.type_mix.weight**2).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        with torch.no_grad():
            heads.grade_cuts.copy_(torch.cummax(heads.grade_cuts, dim=1).values)
            heads.monk_cuts.copy_(torch.cummax(heads.monk_cuts, dim=0).values)
            heads.grade_slope.clamp_(min=0.3)
    with torch.no_grad():
        share = truths[2].mul(weights[:, None]).sum(dim=0) / weights.sum()
        heads.type_mix.bias.sub_(TYPE_BALANCE * torch.log(share + 0.01))


def _likelihood(truth: Tensor, guess: Tensor, weight: Tensor) -> Tensor:
    return -(weight * (truth * guess.clamp(min=1e-4).log()).flatten(1).sum(dim=1)).mean()


def _start_cuts(heads: Heads) -> None:
    with torch.no_grad():
        heads.grade_slope.fill_(3.0)
        heads.grade_cuts.copy_(3.0 * torch.tensor([0.5, 1.5, 2.5]).expand(CONCERNS, 3))
        heads.monk_slope.fill_(2.0)
        heads.monk_cuts.copy_(2.0 * (torch.arange(MONK_STEPS - 1) + 1.5))
        heads.type_mix.weight.zero_()
        heads.type_mix.weight[:, SCORES:] = 4.0 * torch.eye(TYPE_COUNT)
        heads.type_mix.bias.zero_()


class SkinModel(nn.Module):
    """Network and heads as one: what is saved, exported and served."""

    def __init__(self, network: SkinNetwork, heads: Heads) -> None:
        super().__init__()
        self.network = network
        self.heads = heads

    def forward(self, rgb: Tensor, zones: Tensor) -> Answer:
        """rgb (B, 3, 384, 384) 0-255 and zones (B, 7, 96, 96) to an Answer."""
        blocks, logits = self.network(rgb, zones)
        answer: Answer = self.heads(blocks, logits)
        return answer
