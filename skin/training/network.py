"""The network: MobileNetV2 features and colour physics pooled over face zones, a map decoder, and linear heads."""

from collections.abc import Sequence
from typing import NamedTuple

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from skin.core.zones import Zone
from skin.inference.inputs import MAP_PX, POOLS
from skin.training.pigment import HAEMOGLOBIN, MELANIN

CONCERNS, MONK_STEPS, TYPE_COUNT = 10, 10, 4
FUSED = 40
TRUNK_CHANNELS = (16, 24, 32, 96, 320)
SKIN = len(POOLS)
CHEEKS = POOLS.index((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT))


class Answer(NamedTuple):
    """Of B faces: logits of being above grades 0-2 (B, 10, 3) and Monk 1-9 (B, 9), of types (B, 4); maps."""

    grades: Tensor
    monk: Tensor
    types: Tensor
    maps: Tensor


def fit_zones(zones: Tensor, size: int) -> Tensor:
    """Zones (B, Z, 96, 96) at another size: averaged where it divides, else drawn linearly."""
    if MAP_PX % size == 0:
        return functional.avg_pool2d(zones, MAP_PX // size)
    if size % MAP_PX == 0:
        return functional.interpolate(zones, scale_factor=float(size // MAP_PX), mode="nearest")
    return functional.interpolate(zones, size=(size, size), mode="bilinear", align_corners=False)


def pool(field: Tensor, zones: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (B, Z, C) of a field (B, C, h, w) over zones (B, Z, 96, 96)."""
    zones = fit_zones(zones, field.shape[-1])
    weight = zones.flatten(2)
    weight = weight / (weight.sum(dim=2, keepdim=True) + 1e-6)
    values = field.flatten(2).transpose(1, 2)
    mean = weight @ values
    # Around the field's own mean first: the difference of large squares would lose precision.
    centre = values.mean(dim=1, keepdim=True)
    variance = weight @ (values - centre) ** 2 - (mean - centre) ** 2
    return mean, (variance.clamp(min=0.0) + 1e-8).sqrt()


def pool_all(fields: Sequence[Tensor], zones: Tensor) -> Tensor:
    """Means and deviations (B, D) of several fields, each over every zone."""
    return torch.cat([p.flatten(1) for field in fields for p in pool(field, zones)], dim=1)


class Physics(nn.Module):
    """Colour as physics names it: L*a*b*, melanin, haemoglobin, shading."""

    def __init__(self) -> None:
        super().__init__()
        basis = torch.stack(
            [torch.from_numpy(MELANIN), torch.from_numpy(HAEMOGLOBIN), torch.full((3,), 3**-0.5)], dim=1
        )
        self.register_buffer("unmix", torch.linalg.inv(basis))
        # sRGB to XYZ over the D65 white (IEC 61966-2-1).
        xyz = torch.tensor([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        self.register_buffer("xyz", xyz / torch.tensor([[0.95047], [1.0], [1.08883]]))

    def forward(self, rgb: Tensor) -> Tensor:
        """L*/100, a*/50, b*/50, melanin, haemoglobin, shading (B, 6, H, W) of rgb 0-255."""
        encoded = rgb / 255.0
        linear = torch.where(encoded <= 0.04045, encoded / 12.92, ((encoded.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)
        density = -torch.log(linear.clamp(min=1e-3))
        pigment = torch.einsum("ij,bjhw->bihw", self.unmix, density)
        xyz = torch.einsum("ij,bjhw->bihw", self.xyz, linear)
        f = torch.where(xyz > 0.008856, xyz.clamp(min=0.008856) ** (1 / 3), 7.787 * xyz + 16 / 116)
        x, y, z = f[:, 0:1], f[:, 1:2], f[:, 2:3]
        return torch.cat([1.16 * y - 0.16, 10 * (x - y), 4 * (y - z), pigment], dim=1)

    def statistics(self, channels: Tensor, zones: Tensor) -> Tensor:
        """Mean colour of each zone, and how it differs from the cheeks' (B, 84)."""
        mean, _ = pool(functional.avg_pool2d(channels, 4), zones)
        return torch.cat([mean.flatten(1), (mean - mean[:, CHEEKS : CHEEKS + 1]).flatten(1)], dim=1)


class Decoder(nn.Module):
    """Trunk levels and physics joined at a quarter of the input size: one map per concern."""

    def __init__(self) -> None:
        super().__init__()
        self.physics = nn.Sequential(
            nn.Conv2d(6, 16, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.ReLU()
        )
        self.laterals = nn.ModuleList(nn.Conv2d(c, FUSED, 1) for c in TRUNK_CHANNELS[1:])
        self.lateral_physics = nn.Conv2d(24, FUSED, 1)
        self.fuse = nn.Sequential(
            nn.Conv2d(FUSED, FUSED, 3, padding=1, groups=FUSED), nn.Conv2d(FUSED, FUSED, 1), nn.ReLU(),
            nn.Conv2d(FUSED, FUSED, 3, padding=1, groups=FUSED), nn.Conv2d(FUSED, FUSED, 1), nn.ReLU(),
        )  # fmt: skip
        self.maps = nn.Conv2d(FUSED, CONCERNS, 1)
        self.severity = nn.Linear(len(POOLS) * FUSED * 2, CONCERNS)
        self.tone = nn.Linear(len(POOLS) * FUSED * 2, 1)
        with torch.no_grad():
            self.maps.get_parameter("bias").fill_(-3.0)

    def forward(self, levels: list[Tensor], channels: Tensor) -> Tensor:
        """Fused features (B, 40, 96, 96)."""
        joined = self.laterals[3](levels[3])
        for number in (2, 1, 0):
            level = self.laterals[number](levels[number])
            joined = level + functional.interpolate(joined, size=level.shape[-2:], mode="bilinear", align_corners=False)
        joined = joined + self.lateral_physics(self.physics(channels))
        fused: Tensor = joined + self.fuse(functional.relu(joined))
        return fused


class SkinNetwork(nn.Module):
    """Everything up to the features that the heads read; `heads.Heads` turns them into an answer.

    `trunk` is taught by painted faces at 384 px; `sharp` keeps its ImageNet weights and sees the full crop of 512 px.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trunk = timm.create_model(
            "mobilenetv2_100", features_only=True, out_indices=(0, 1, 2, 3, 4), pad_type="same", pretrained=False
        )
        self.sharp = timm.create_model(
            "mobilenetv2_100", features_only=True, out_indices=(0, 1, 2, 3, 4), pad_type="same", pretrained=False
        )
        self.physics = Physics()
        self.decoder = Decoder()
        shrink = torch.tensor([[0.75, 0.25, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0], [0.0, 0.0, 0.25, 0.75]])
        self.register_buffer("shrink", shrink)

    def shrunk(self, rgb: Tensor) -> Tensor:
        """The crop at three quarters of its size, each pixel the mean of the area it covers."""
        batch, channels, height, width = rgb.shape
        tiles = rgb.reshape(batch, channels, height // 4, 4, width // 4, 4)
        smaller = torch.einsum("bcipjq,rp,sq->bcirjs", tiles, self.shrink, self.shrink)
        return smaller.reshape(batch, channels, height // 4 * 3, width // 4 * 3)

    def levels(self, rgb: Tensor) -> list[Tensor]:
        found: list[Tensor] = self.trunk((rgb - 127.5) / 127.5)
        return found

    def painted(self, rgb: Tensor, zones: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What painting teaches: map logits (B, 10, 96, 96), severities (B, 10) up to a constant, tone (B,)."""
        fused = self.decoder(self.levels(rgb)[1:], self.physics(rgb))
        pooled = pool_all([fused], zones)
        return self.decoder.maps(fused), self.decoder.severity(pooled), 5.5 + self.decoder.tone(pooled)[:, 0]

    def sharp_levels(self, rgb: Tensor) -> list[Tensor]:
        """What the untaught trunk sees of the full crop: pores and fine lines live there."""
        found: list[Tensor] = self.sharp((rgb - 127.5) / 127.5)
        return found

    def taught(self, rgb: Tensor, levels: list[Tensor], zones: Tensor) -> tuple[list[Tensor], Tensor]:
        """Blocks (B, D) of the crop at 384 px: five trunk levels, colour, fused, learned; and map logits."""
        channels = self.physics(rgb)
        fused = self.decoder(levels[1:], channels)
        logits = self.decoder.maps(fused)
        pooled = [pool_all([field], zones) for field in (*levels, fused, torch.sigmoid(logits))]
        learned = torch.cat([self.decoder.severity(pooled[5]), self.decoder.tone(pooled[5]), pooled[6]], dim=1)
        return [*pooled[:5], self.physics.statistics(channels, zones), pooled[5], learned], logits

    def tone_levels(self, rgb: Tensor, areas: Tensor) -> Tensor:
        """The first five blocks of `forward` and the last two in one (B, D): what tone is told from."""
        levels, sharp = self.levels(self.shrunk(rgb)), self.sharp_levels(rgb)
        skin, features = areas[:, :SKIN], areas[:, SKIN:]
        return torch.cat([pool_all(levels, skin), pool_all(sharp, skin), pool_all([*levels, *sharp], features)], dim=1)

    def forward(self, rgb: Tensor, areas: Tensor) -> tuple[list[Tensor], Tensor]:
        """Ten blocks of features (B, D) and map logits (B, 10, 96, 96).

        Eight are those of `taught`; then the sharp trunk on the skin, and both trunks on eyes, brows and lips.
        """
        small = self.shrunk(rgb)
        levels, sharp = self.levels(small), self.sharp_levels(rgb)
        skin, features = areas[:, :SKIN], areas[:, SKIN:]
        blocks, logits = self.taught(small, levels, skin)
        return [*blocks, pool_all(sharp, skin), pool_all([*levels, *sharp], features)], logits
