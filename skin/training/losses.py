"""What the network is corrected by on painted faces."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

# Painted cells are rare (a wrinkle is a few per mille of the face): each counts as this many bare ones.
PAINTED_WEIGHT = 4.0
ORDER_MARGIN = 0.15


class Lesson(NamedTuple):
    """P faces, two paintings of each, interleaved (2P): pictures, zones, masks 0-1, severities 0-3, Monk or 0."""

    rgb: Tensor
    zones: Tensor
    masks: Tensor
    severities: Tensor
    monk: Tensor


def map_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Cross-entropy of every cell (B, 10, 96, 96), painted cells counting more."""
    weight = 1.0 + (PAINTED_WEIGHT - 1.0) * masks
    return functional.binary_cross_entropy_with_logits(logits, masks, weight=weight)


def overlap_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """One minus soft Dice of the concerns that are painted."""
    chance = torch.sigmoid(logits).flatten(2)
    target = masks.flatten(2)
    dice = (2 * (chance * target).sum(2) + 1.0) / ((chance**2).sum(2) + (target**2).sum(2) + 1.0)
    present = (target.sum(2) > 1.0).float()
    return ((1 - dice) * present).sum() / present.sum().clamp(min=1.0)


def pair_loss(scores: Tensor, severities: Tensor) -> Tensor:
    """Two paintings of one face differ by what was painted: the difference is exact, whatever the face had before."""
    told, truth = scores[0::2] - scores[1::2], severities[0::2] - severities[1::2]
    size = functional.smooth_l1_loss(told, truth, beta=0.5)
    order = functional.relu(ORDER_MARGIN * truth.abs().clamp(max=1.0) - told * truth.sign()) * (truth != 0)
    return size + order.mean()


def tone_loss(told: Tensor, monk: Tensor) -> Tensor:
    """Distance to the Monk step the skin was moved to; faces left as they were do not count."""
    moved = (monk > 0).float()
    loss = functional.smooth_l1_loss(told, monk, beta=0.5, reduction="none")
    return (loss * moved).sum() / moved.sum().clamp(min=1.0)


def lesson_loss(answer: tuple[Tensor, Tensor, Tensor], lesson: Lesson) -> Tensor:
    """All of it, weighted so that maps and severities pull about equally."""
    logits, scores, tone = answer
    maps = 2.0 * map_loss(logits, lesson.masks) + 0.5 * overlap_loss(logits, lesson.masks)
    return maps + pair_loss(scores, lesson.severities) + 0.3 * tone_loss(tone, lesson.monk)
