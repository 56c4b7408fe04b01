"""Heads fitted to raters' grades and to painted differences, and calibrated on people left out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import structlog
import torch
from numpy.typing import NDArray

from skin.core.concerns import Concern
from skin.inference.inputs import FEATURES, POOLS
from skin.training.contrasts import Contrasts
from skin.training.heads import Heads, calibrate
from skin.training.labels import GRADED, HOME, TONE_SETS, TYPES, Labels
from skin.training.loader import Faces, person_folds
from skin.training.ridge import Array, Differences, Lessons, Ridge, block_scales, fit_ridge, standards, targets_of
from skin.training.scores import spearman

log = structlog.get_logger(__name__)

TARGETS = (*(c.value for c in GRADED), "monk", *(t.value for t in TYPES))
# A score is the mean of several ridges, each on some blocks (five trunk levels, colour, fused, learned, fine; eyes,
# brows and lips, which only tone reads), these being shares of its prior variance. Chosen by person-grouped
# cross-validation on `interfaces` and `sfhq`: one was worse (mean Spearman .58 and .65 against .62 and .68), and colour
# helps redness and tone only.
LEVELS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
COLOUR, FUSED, LEARNED, FINE = (tuple(float(i == block) for i in range(10)) for block in (5, 6, 7, 8))
ENSEMBLE = (LEVELS, FUSED, LEARNED, FINE)
COLOUR_ENSEMBLE = (*ENSEMBLE, COLOUR)
COLOUR_TARGETS = frozenset({Concern.REDNESS.value})
PENALTIES = np.logspace(-3, 2, 14)
# A painted face must score higher than the same face bare: by this share of a grade for each grade painted, a pair
# counting this much of a rated face. More of either costs agreement with raters (docs/model.md).
RISE, PAIR_WEIGHT = 0.5, 0.003
# Tone has one ridge on both trunks' levels, of the skin and of eyes, brows and lips. It sees each face in other lights
# too: the same tone must come out. Leave-one-out would find each face's own copies, so its penalty was chosen by
# cross-validation over people and over whole sets (docs/tone.md): 10 with twelve copies, with which a face counts seven
# times. It grows with the copies, so that those which show nothing new change nothing.
MONK, TONE_LEVELS = TARGETS.index("monk"), 5
TONE_PENALTY, RELIT_WEIGHT = 10 / 7, 0.5
# Other sets than HOME count this much where scores are calibrated.
AWAY_WEIGHT = 0.3
# Of four groups of tone the rare count more where the tone's steps are calibrated, by this power of their rarity: else
# the lightest are told too dark and the darkest too light (docs/tone.md).
TONE_GROUPS, TONE_BALANCE = (3.5, 5.5, 7.5), 0.5


def fit_heads(
    blocks: Sequence[NDArray[np.float32]], relit: NDArray[np.float32], contrasts: Contrasts,
    faces: Faces, labels: Labels, *, folds: int,
) -> tuple[Heads, Array]:  # fmt: skip
    """Heads fitted on all faces, calibrated on scores (N, 15) of people left out; returns both."""
    features = np.concatenate(list(blocks), axis=1).astype(np.float64)
    widths = [b.shape[1] for b in blocks]
    fold = person_folds(faces, folds, 0)
    sets = np.array(faces.sets)
    # Tone sets were brought to the level of HOME's raters, others have their own.
    group = np.where(np.isin(sets, (HOME, *TONE_SETS)), 0, 1).astype(np.int64)
    lessons = Lessons(targets_of(labels), labels.weight.astype(np.float64), group)
    tones = replace(lessons, weight=labels.tone_weight.astype(np.float64))

    def ridge_of(rows: NDArray[np.bool_]) -> Ridge:
        return _ridge(
            features[rows], relit[rows], lessons=lessons.among(rows), tones=tones.among(rows),
            contrasts=contrasts.among(rows), widths=widths,
        )  # fmt: skip

    unseen = np.zeros((len(faces), len(TARGETS)))
    for number in range(folds):
        left = fold == number
        unseen[left] = ridge_of(~left).predict(features[left], lessons.group[left])
        log.info("fold", done=number + 1, of=folds)
    _log_unseen(unseen, faces, labels)
    heads = Heads(features.shape[1])
    ridge = ridge_of(np.ones(len(faces), bool))
    with torch.no_grad():
        heads.get_buffer("mean").copy_(torch.from_numpy(ridge.mean))
        heads.get_buffer("scale").copy_(torch.from_numpy(ridge.scale))
        heads.linear.weight.copy_(torch.from_numpy(ridge.weight.T))
        heads.linear.bias.copy_(torch.from_numpy(ridge.bias[0]))
    away = np.where(sets == HOME, 1.0, AWAY_WEIGHT)
    tone_weight = tones.weight * away * tone_balance(labels.monk, faces.sets)
    calibrate(heads, unseen, labels, weight=lessons.weight * away, tone_weight=tone_weight)
    return heads, unseen


def _ridge(
    features: Array, relit: NDArray[np.float32],
    *, lessons: Lessons, tones: Lessons, contrasts: Contrasts, widths: Sequence[int],
) -> Ridge:  # fmt: skip
    """The mean of an ensemble of ridges, which is itself one linear rule; redness has a larger one, tone its own."""
    standard = standards(features, lessons.weight)
    columns, biases = [], []
    for column, target in enumerate(TARGETS):
        if column == MONK:
            ridges = [
                tone_ridge(
                    features, relit, tones, columns=tone_columns(widths), widths=tone_widths(widths),
                    standard=standard,
                )
            ]  # fmt: skip
        else:
            ridges = [
                fit_ridge(
                    features, lessons.of(column), importance=block_scales(widths, shares), penalties=PENALTIES,
                    standard=standard, differences=_differences(contrasts, column),
                )
                for shares in (COLOUR_ENSEMBLE if target in COLOUR_TARGETS else ENSEMBLE)
            ]  # fmt: skip
        columns.append(np.mean([r.weight[:, 0] for r in ridges], axis=0))
        biases.append(np.mean([r.bias[:, 0] for r in ridges], axis=0))
    return Ridge(*standard, np.stack(columns, axis=1), np.stack(biases, axis=1))


def _differences(contrasts: Contrasts, column: int) -> Differences | None:
    """What painting teaches a concern's target: it rises when the concern is painted, and not when the tone is moved.

    Skin types are not painted.
    """
    if column >= len(GRADED):
        return None
    rise = RISE * contrasts.severities[:, column]
    return Differences(
        np.concatenate([contrasts.bare, contrasts.own]),
        np.concatenate([contrasts.painted[:, column], contrasts.bare]),
        np.concatenate([rise, np.zeros_like(rise)]),
        PAIR_WEIGHT,
    )


def tone_columns(widths: Sequence[int]) -> NDArray[np.int64]:
    """Where the levels of both trunks are among the features: the first five blocks and the last two."""
    return np.concatenate([np.arange(sum(widths[:TONE_LEVELS])), np.arange(sum(widths[:-2]), sum(widths))])


def tone_widths(widths: Sequence[int]) -> list[int]:
    """How wide each level is there: both trunks' on the skin, then both on eyes, brows and lips."""
    skin = list(widths[:TONE_LEVELS])
    return [*skin, *skin, *(2 * [width * len(FEATURES) // len(POOLS) for width in skin])]


def tone_balance(monk: NDArray[np.float32], sets: Sequence[str]) -> Array:
    """What each face (N,) counts by the rarity of its tone in its set; 1 on average over a set."""
    group, counts = np.digitize(monk, TONE_GROUPS), np.ones(len(monk))
    for name in dict.fromkeys(sets):
        rows = np.array(sets) == name
        rarity = np.bincount(group[rows])[group[rows]] ** -TONE_BALANCE
        counts[rows] = rarity / rarity.mean()
    return counts


def tone_ridge(
    features: Array,
    relit: NDArray[np.float32],
    lessons: Lessons,
    *,
    columns: NDArray[np.int64],
    widths: Sequence[int],
    standard: tuple[Array, Array],
) -> Ridge:
    """Monk tone from these columns of features (N, D), and of the same faces in other lights (N, C, columns)."""
    copies = relit.shape[1]
    rows = np.concatenate([features[:, columns], relit.reshape(-1, len(columns)).astype(np.float64)])
    known = Lessons(
        np.concatenate([lessons.targets, np.repeat(lessons.targets, copies, axis=0)])[:, MONK : MONK + 1],
        np.concatenate([lessons.weight, np.repeat(lessons.weight * RELIT_WEIGHT, copies)]),
        np.concatenate([lessons.group, np.repeat(lessons.group, copies)]),
    )
    found = fit_ridge(
        rows, known, importance=block_scales(widths, [1.0] * len(widths)),
        penalties=np.array([TONE_PENALTY * (1 + RELIT_WEIGHT * copies)]),
        standard=(standard[0][columns], standard[1][columns]),
    )  # fmt: skip
    weight = np.zeros((features.shape[1], 1))
    weight[columns] = found.weight
    return Ridge(*standard, weight, found.bias)


def _log_unseen(unseen: Array, faces: Faces, labels: Labels) -> None:
    truth = targets_of(labels)
    for name in dict.fromkeys(faces.sets):
        rows = np.array(faces.sets) == name
        found = {t: round(spearman(unseen[rows, i], truth[rows, i]), 2) for i, t in enumerate(TARGETS)}
        known = {target: value for target, value in found.items() if np.isfinite(value)}
        log.info("unseen people", set=name, people=int(rows.sum()), spearman=known)
