"""Light and exposure of a photo from what its voices say, with what is left uncertain.

Each voice (eye whites, teeth, scene, its whites) says how far the light is from white light of ordinary exposure along
three axes (exposure, warmth, tint; log2): voice = offset + light + noise. Noise and its correlation between voices were
measured (data/scales/light.yaml), so the posterior weighs each by its inverse variance and shrinks to no correction.
The own noise of a voice that is trusted in part is divided by its trust.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skin.core.tone import ita_deg
from skin.vision.alignment import AlignedFace
from skin.vision.colour import Linear, adapt, adapt_picture, lab_of
from skin.vision.references import Axes, Heard, Voice

Matrix = NDArray[np.float64]
_AXES = 3


@dataclass(frozen=True, slots=True, eq=False)
class LightScale:
    """What the voices (V) say in ordinary light: offsets (V, 3), and their noise as covariances (3, V, V), in stops.

    `light_sd` (3,) is how far light strays along each axis.
    """

    voices: tuple[Voice, ...]
    offsets: Matrix
    noise: Matrix
    light_sd: Axes

    def __post_init__(self) -> None:
        count = len(self.voices)
        if self.offsets.shape != (count, _AXES) or self.noise.shape != (_AXES, count, count):
            raise ValueError("offsets and noise of a light scale need one entry per voice and axis")
        if min(self.light_sd) <= 0 or min(float(np.linalg.eigvalsh(one).min()) for one in self.noise) <= 0:
            raise ValueError("the spreads of a light scale must be positive")


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Exposure, warmth and tint in stops from white light: mean (3,), SD (3,), and the voices it rests on."""

    mean: Matrix
    sd: Matrix
    heard: tuple[Voice, ...]


def estimate_light(said: Mapping[Voice, Heard], scale: LightScale) -> Light:
    """The light by all voices of the scale that were heard; with none, no correction and all its uncertainty."""
    heard = [index for index, voice in enumerate(scale.voices) if voice in said]
    spoken = [said[scale.voices[index]] for index in heard]
    stray = np.array([one.axes for one in spoken]).reshape(-1, _AXES) - scale.offsets[heard]
    doubt = np.array([1 / one.trust for one in spoken]) - 1
    mean, sd = np.zeros(_AXES), np.zeros(_AXES)
    for axis in range(_AXES):
        noise = scale.noise[axis][np.ix_(heard, heard)]
        weights = np.linalg.inv(noise + np.diag(doubt * np.diag(noise))).sum(axis=0)
        precision = weights.sum() + 1 / scale.light_sd[axis] ** 2
        mean[axis], sd[axis] = weights @ stray[:, axis] / precision, precision**-0.5
    return Light(mean, sd, tuple(scale.voices[index] for index in heard))


def white_of(axes: Matrix) -> Linear:
    """Linear sRGB (3,) of the white that lies this far from D65 of luminance 1 along exposure, warmth and tint."""
    colour = np.exp2(np.array([axes[1] / 2, axes[2], -axes[1] / 2]))
    return np.asarray(colour * 2.0 ** axes[0] / (colour @ np.array([0.2126, 0.7152, 0.0722])), np.float32)


def in_white_light(linear: Linear, light: Light) -> Linear:
    """A linear sRGB colour (3,) as it would be in white light of ordinary exposure."""
    return adapt(linear, white_of(light.mean))


def in_neutral_light(aligned: AlignedFace, axes: Matrix) -> AlignedFace:
    """The face with light of these axes (3,) taken out of its crop: as it would be in white light, well exposed."""
    return replace(aligned, crop_rgb=adapt_picture(aligned.crop_rgb, white_of(axes)))


def ita_sd_deg(linear: Linear, light: Light) -> float:
    """How uncertain the light leaves the ITA of this colour (3,), in degrees: one SD over its three axes."""
    spans = []
    for step in np.diag(light.sd):
        ends = [lab_of(adapt(linear, white_of(light.mean + sign * step))) for sign in (1.0, -1.0)]
        high, low = (ita_deg(lab[0], lab[2]) for lab in ends)
        spans.append((high - low) / 2)
    return float(np.linalg.norm(spans))
