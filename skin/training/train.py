"""`python -m skin train`: from the rated faces to the files that are served, resumable at every stage."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import structlog
import torch
from numpy.typing import NDArray

from skin.inference.inputs import areas_input, image_input
from skin.training.assembly import save_model
from skin.training.bank import fill_bank
from skin.training.carding import write_unmeasured_card
from skin.training.contrasts import collect_contrasts
from skin.training.fitting import fit_heads
from skin.training.heads import SkinModel
from skin.training.labels import TONE_SETS, TRAINING_SETS
from skin.training.loader import CROP_PX, PAINT_FOLDS, Change, Faces, load_faces, load_labels, person_folds
from skin.training.network import SKIN, SkinNetwork
from skin.training.painting_stage import Stage, train_on_paintings
from skin.training.start import build_start

log = structlog.get_logger(__name__)

# Every so many of the people who are painted teach the heads too: more of them say the same and take minutes.
CONTRAST_STEP = 3
START = "models/mobilenet_v2_1.0_224_quant.tflite"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to read and write, and the sizes of the stages; `shared` is the folder with the rated sets."""

    shared: Path
    run: Path
    out: Path
    versions: int = 5
    folds: int = 5
    seed: int = 1
    stage: Stage = field(default_factory=Stage)


def train(plan: Plan, *, resume: bool = True) -> Path:
    """Paint, train, fit heads, calibrate, save; returns the model folder. What `plan.run` holds is not redone.

    The model's card says that nothing is measured, so no head speaks before `python -m skin evaluate --looks`.
    """
    faces = load_faces(plan.shared, (*TRAINING_SETS, *TONE_SETS), plan.run / "faces")
    # Who has only a tone comes last and is not painted.
    painted = faces.first(sum(name in TRAINING_SETS for name in faces.sets))
    labels = load_labels(plan.shared, faces)
    areas = np.concatenate([areas_input(faces.aligned(row)) for row in range(len(faces))])
    bank = fill_bank(plan.run / "bank", painted, labels.monk[: len(painted)], versions=plan.versions, seed=plan.seed)
    network = start_network(plan.shared, plan.stage.seed)
    people = np.flatnonzero(person_folds(painted, PAINT_FOLDS, 0) != 0)
    zones = areas[: len(painted), :SKIN]
    train_on_paintings(network, bank, zones, people=people, run=plan.run, stage=plan.stage, resume=resume)
    blocks, relit = collect_blocks(network, faces, areas), collect_levels(network, faces, areas)
    contrasts = collect_contrasts(network, painted, people[::CONTRAST_STEP], seed=plan.seed)
    heads, unseen = fit_heads(blocks, relit, contrasts, faces, labels, folds=plan.folds)
    np.savez(plan.run / "unseen.npz", scores=unseen, ids=np.array(faces.ids), sets=np.array(faces.sets))
    sha256 = save_model(SkinModel(network, heads).eval(), plan.out)
    write_unmeasured_card(plan.out)
    log.info("trained", folder=str(plan.out), sha256=sha256)
    return plan.out


def start_network(shared: Path, seed: int) -> SkinNetwork:
    """A new network whose trunks hold the ImageNet start."""
    torch.manual_seed(seed)
    network = SkinNetwork()
    known = network.trunk.state_dict()
    start = {k: v for k, v in build_start(shared / START).state_dict().items() if k in known}
    network.trunk.load_state_dict(start)
    network.sharp.load_state_dict(start)
    return network.eval().to(memory_format=torch.channels_last)


def collect_blocks(network: SkinNetwork, faces: Faces, areas: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The heads' features of every face, one array (N, D) per block."""
    network.eval()
    rows = []
    for row in range(len(faces)):
        with torch.no_grad():
            blocks, _ = network(
                torch.from_numpy(image_input(faces.neutral(row).crop_rgb, CROP_PX)),
                torch.from_numpy(areas[row : row + 1]),
            )
        rows.append([b[0].numpy() for b in blocks])
        if row % 100 == 99:
            log.info("features", done=row + 1, of=len(faces))
    return [np.stack(block) for block in zip(*rows, strict=True)]


def collect_levels(network: SkinNetwork, faces: Faces, areas: NDArray[np.float32]) -> NDArray[np.float32]:
    """Both trunks' levels (N, C, D) of C copies of each face: every change of it in each of its other lights."""
    network.eval()
    found = []
    for row in range(len(faces)):
        copies = range(1, faces.lights.shape[1])
        crops = [faces.neutral(row, copy, change).crop_rgb for change in Change for copy in copies]
        rgb = np.concatenate([image_input(crop, CROP_PX) for crop in crops])
        there = torch.from_numpy(areas[row : row + 1]).expand(len(crops), -1, -1, -1)
        with torch.no_grad():
            found.append(network.tone_levels(torch.from_numpy(rgb), there).numpy())
        if row % 100 == 99:
            log.info("relit", done=row + 1, of=len(faces))
    return np.stack(found)
