"""What a camera and a room do to a face: light colour, exposure, white balance, noise, blur, resolution, JPEG."""

from dataclasses import dataclass

import cv2
import numpy as np

from skin.training.pigment import Field, Image, to_linear, to_srgb


@dataclass(frozen=True, slots=True)
class Camera:
    """One capture: light in kelvin against a white balance set for 6500 K, and the sensor's faults."""

    kelvin: float = 6500.0
    exposure_ev: float = 0.0
    tint: float = 0.0
    side_light: float = 0.0
    noise: float = 0.0
    blur_px: float = 0.0
    scale: float = 1.0
    jpeg_quality: int = 95


def white_of(kelvin: float) -> Field:
    """Linear sRGB white of a daylight or black-body light, green = 1 (Kang et al. 2002 locus)."""
    t = 1000.0 / np.clip(kelvin, 1700.0, 25000.0)
    if kelvin <= 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    rgb = np.maximum(matrix @ xyz, 1e-3)
    return np.asarray(rgb / rgb[1], np.float32)


def random_camera(rng: np.random.Generator, strength: float = 1.0) -> Camera:
    """An ordinary webcam or phone; at strength 1 about as far from a studio as home pictures are."""
    mired = 154 + strength * rng.normal(0, 28)
    return Camera(
        kelvin=float(1e6 / np.clip(mired, 100, 350)),
        exposure_ev=float(strength * rng.normal(0, 0.30)),
        tint=float(strength * rng.normal(0, 0.025)),
        side_light=float(strength * rng.normal(0, 0.15)),
        noise=float(strength * abs(rng.normal(0, 0.006))),
        blur_px=float(strength * abs(rng.normal(0, 0.6))),
        scale=float(1 - strength * rng.beta(1.2, 2.5) * 0.7),
        jpeg_quality=int(np.clip(100 - strength * rng.exponential(18), 35, 97)),
    )


def capture(rgb: Image, camera: Camera, rng: np.random.Generator) -> Image:
    """The picture (H, W, 3) as that camera gives it, same size."""
    linear = to_linear(rgb) * (white_of(camera.kelvin) / white_of(6500.0)) * np.float32(2.0**camera.exposure_ev)
    linear[..., 1] *= 1.0 + camera.tint
    height, width = rgb.shape[:2]
    if camera.side_light:
        ramp = np.linspace(-camera.side_light, camera.side_light, width, dtype=np.float32)
        linear *= np.exp(ramp)[None, :, None]
    if camera.scale < 0.98:
        small = (max(8, int(width * camera.scale)), max(8, int(height * camera.scale)))
        linear = cv2.resize(
            cv2.resize(linear, small, interpolation=cv2.INTER_AREA), (width, height), interpolation=cv2.INTER_LINEAR
        )
    if camera.blur_px > 0.2:
        linear = cv2.GaussianBlur(linear, (0, 0), camera.blur_px)
    if camera.noise > 0:
        grain = rng.standard_normal(linear.shape, np.float32)
        linear = linear + grain * camera.noise * np.sqrt(np.maximum(linear, 0.01))
    done = to_srgb(linear)
    if camera.jpeg_quality >= 96:
        return done
    coded = cv2.imencode(".jpg", done[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, camera.jpeg_quality])[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
