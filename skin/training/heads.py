"""Heads: ridge scores from the network's features, and the calibration that turns scores into chances of each grade."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skin.training.labels import Labels
from skin.training.network import CONCERNS, MONK_STEPS, TYPE_COUNT, Answer, SkinNetwork
from skin.training.ridge import CUT, Array

SCORES = CONCERNS + 1
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


def calibrate(
    heads: Heads, scores: Array, labels: Labels, *, weight: Array, tone_weight: Array, steps: int = 400
) -> None:
    """Fit slopes, cuts and type mix on scores (N, 15) of people the ridge had not seen, by soft-label likelihood."""
    told = torch.from_numpy(scores).float()
    weights = [torch.from_numpy(w).float() for w in (weight, tone_weight, weight)]
    _start_cuts(heads)
    chosen = [p for name, p in heads.named_parameters() if not name.startswith("linear")]
    optimiser = torch.optim.Adam(chosen, lr=0.03)
    truths = [torch.from_numpy(a).float() for a in (labels.grade_shares, labels.monk_shares, labels.types)]
    for _ in range(steps):
        grades, monk, types = heads.calibrated(told)
        guesses = (chances(grades), chances(monk), torch.softmax(types, dim=1))
        loss = torch.stack([_likelihood(*each) for each in zip(truths, guesses, weights, strict=True)]).sum()
        loss = loss + 0.01 * (heads.type_mix.weight**2).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        with torch.no_grad():
            heads.grade_cuts.copy_(torch.cummax(heads.grade_cuts, dim=1).values)
            heads.monk_cuts.copy_(torch.cummax(heads.monk_cuts, dim=0).values)
            heads.grade_slope.clamp_(min=0.3)
    with torch.no_grad():
        share = truths[2].mul(weights[2][:, None]).sum(dim=0) / weights[2].sum()
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

    def forward(self, rgb: Tensor, areas: Tensor) -> Answer:
        """rgb (B, 3, 512, 512) 0-255 and areas (B, 10, 96, 96) to an Answer."""
        blocks, logits = self.network(rgb, areas)
        answer: Answer = self.heads(blocks, logits)
        return answer
