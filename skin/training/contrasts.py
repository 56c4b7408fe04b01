"""Exact differences: what moving a face's tone, or painting one concern on it, does to the network's features."""

from dataclasses import dataclass

import numpy as np
import structlog
import torch
from numpy.typing import NDArray

from skin.inference.inputs import areas_input, image_input
from skin.training.labels import GRADED
from skin.training.loader import CROP_PX, Faces
from skin.training.network import MONK_STEPS, SkinNetwork
from skin.training.synthesis import paint

log = structlog.get_logger(__name__)

SEVERITY = (0.8, 2.8)


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Of P faces (`rows` of the training faces): features in their own tone and bare in another (P, D), in that other
    tone with each concern painted (P, 10, D), and the severities painted (P, 10)."""

    rows: NDArray[np.int64]
    own: NDArray[np.float32]
    bare: NDArray[np.float32]
    painted: NDArray[np.float32]
    severities: NDArray[np.float64]

    def among(self, chosen: NDArray[np.bool_]) -> "Contrasts":
        """Only those of the training faces (N,) that are chosen."""
        kept = chosen[self.rows]
        return Contrasts(self.rows[kept], self.own[kept], self.bare[kept], self.painted[kept], self.severities[kept])


def collect_contrasts(network: SkinNetwork, faces: Faces, rows: NDArray[np.int64], *, seed: int) -> Contrasts:
    """Move each face to a random Monk tone and paint each concern alone on it; the same for the same seed."""
    network.eval()
    found = []
    for done, row in enumerate(rows, start=1):
        rng = np.random.default_rng([seed, int(row)])
        monk, stream = int(rng.integers(1, MONK_STEPS + 1)), int(rng.integers(2**31))
        wanted = rng.uniform(*SEVERITY, len(GRADED))
        face = faces.neutral(int(row))
        areas = torch.from_numpy(areas_input(face))
        changes = [{}, *({concern: float(s)} for concern, s in zip(GRADED, wanted, strict=True))]
        crops = [face.crop_rgb, *(paint(face, change, seed=stream, monk=monk).rgb for change in changes)]
        with torch.no_grad():
            seen = [network(torch.from_numpy(image_input(crop, CROP_PX)), areas)[0] for crop in crops]
        features = np.stack([torch.cat(blocks, dim=1)[0].numpy() for blocks in seen])
        found.append((features[0], features[1], features[2:], wanted))
        if done % 20 == 0:
            log.info("contrasts", done=done, of=len(rows))
    return Contrasts(rows, *(np.stack(part) for part in zip(*found, strict=True)))
