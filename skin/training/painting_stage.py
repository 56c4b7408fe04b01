"""First stage of training: the network learns what concerns look like from painted faces, without any rater."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
import structlog
import torch
from numpy.typing import NDArray
from torch import nn

from skin.training.bank import Bank
from skin.training.losses import Lesson, lesson_loss
from skin.training.network import SkinNetwork

log = structlog.get_logger(__name__)

FROZEN = ("conv_stem", "bn1", "blocks.0", "blocks.1.0")


@dataclass(frozen=True, slots=True)
class Stage:
    """How long and how fast: one epoch is one pair of paintings of every face."""

    epochs: int = 6
    pairs_per_step: int = 6
    rate: float = 1.5e-3
    trunk_rate: float = 2.5e-4
    seed: int = 7
    threads: int = 2


def train_on_paintings(
    network: SkinNetwork, bank: Bank, zones: NDArray[np.float32], *, people: NDArray[np.int64], run: Path, stage: Stage,
    resume: bool,
) -> None:  # fmt: skip
    """Train in place on the faces numbered in `people`; a checkpoint per epoch in `run` is taken up with `resume`.

    `zones` is (N, 7, 96, 96), in the bank's order.
    """
    torch.set_num_threads(stage.threads)
    run.mkdir(parents=True, exist_ok=True)
    freeze(network)
    steps = (len(people) // stage.pairs_per_step) * stage.epochs
    optimiser = torch.optim.AdamW(_groups(network, stage), weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [g["lr"] for g in optimiser.param_groups], total_steps=steps + 1, pct_start=0.15
    )
    checkpoint, start = run / "painting.pt", 0
    if resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        start = int(state["epoch"])
    for epoch in range(start, stage.epochs):
        began, total = monotonic(), []
        for lesson in lessons(bank, zones, people=people, epoch=epoch, stage=stage):
            loss = lesson_loss(network.painted(lesson.rgb, lesson.zones), lesson)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            total.append(float(loss.detach()))
            if len(total) % 20 == 0:
                log.info(
                    "step",
                    epoch=epoch,
                    step=len(total),
                    loss=round(float(np.mean(total[-20:])), 4),
                    seconds=round(monotonic() - began),
                )
        torch.save(
            {
                "network": network.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "epoch": epoch + 1,
            },
            checkpoint,
        )
        log.info("epoch", epoch=epoch, loss=round(float(np.mean(total)), 4), seconds=round(monotonic() - began))


def freeze(network: SkinNetwork) -> None:
    """Keep the first, costly layers and all norms as they are: ImageNet's edges serve skin as well."""
    network.eval()
    for name, parameter in network.trunk.named_parameters():
        parameter.requires_grad_(not name.startswith(FROZEN))


def _groups(network: SkinNetwork, stage: Stage) -> list[dict[str, object]]:
    return [
        {"params": [p for p in network.trunk.parameters() if p.requires_grad], "lr": stage.trunk_rate},
        {"params": list(network.decoder.parameters()), "lr": stage.rate},
    ]


def lessons(
    bank: Bank, zones: NDArray[np.float32], *, people: NDArray[np.int64], epoch: int, stage: Stage
) -> Iterator[Lesson]:
    """Every face once in random order, each as two of its paintings, some mirrored; the same for the same seed."""
    rng = np.random.default_rng([stage.seed, epoch])
    order = rng.permutation(people)
    for start in range(0, len(order) - stage.pairs_per_step + 1, stage.pairs_per_step):
        faces = np.repeat(order[start : start + stage.pairs_per_step], 2)
        versions = np.concatenate([rng.choice(bank.rgb.shape[1], 2, replace=False) for _ in faces[::2]])
        turned = np.repeat(rng.random(stage.pairs_per_step) < 0.5, 2)
        rgb = np.stack([_mirror(bank.rgb[f, v], t, 1) for f, v, t in zip(faces, versions, turned, strict=True)])
        masks = np.stack([_mirror(bank.masks[f, v], t, 2) for f, v, t in zip(faces, versions, turned, strict=True)])
        areas = np.stack([_mirror(zones[f], t, 2) for f, t in zip(faces, turned, strict=True)])
        picture = torch.from_numpy(rgb).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        yield Lesson(
            picture, torch.from_numpy(areas).float(), torch.from_numpy(masks).float() / 255,
            torch.from_numpy(bank.severities[faces, versions]), torch.from_numpy(bank.monk[faces, versions]),
        )  # fmt: skip


def _mirror(array: NDArray[np.generic], turned: bool, axis: int) -> NDArray[np.generic]:
    return np.ascontiguousarray(np.flip(array, axis)) if turned else np.ascontiguousarray(array)
