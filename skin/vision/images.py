"""Between the bytes of a photo and its upright sRGB pixels."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from skin.errors import Code, error

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
STORED_SIDE_PX = 2560
STORED_QUALITY = 95

pillow_heif.register_heif_opener()

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
# What Pillow's readers raise on damaged files, found by feeding them some.
_DAMAGE = (
    *(OSError, SyntaxError, ValueError, LookupError, TypeError, EOFError, ArithmeticError, RuntimeError),
    *(struct.error, zlib.error),
)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = Lock()


def decode(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """The photo (H, W, 3) in `data`, upright and in sRGB, without metadata; of an animation, the first frame.

    Raises image_too_large (by bytes, or by pixels before any is decoded), unsupported_format (by content, not by
    name) and image_unreadable.
    """
    if len(data) > max_bytes:
        raise error(Code.IMAGE_TOO_LARGE)
    if not _is_readable_format(data):
        raise error(Code.UNSUPPORTED_FORMAT)
    try:
        with _without_warnings():
            opened = Image.open(BytesIO(data), formats=_FORMATS)
        with opened as image:
            if image.width * image.height > max_pixels:
                raise error(Code.IMAGE_TOO_LARGE)
            return _pixels(image)
    except Image.DecompressionBombError as bomb:
        raise error(Code.IMAGE_TOO_LARGE) from bomb
    except _DAMAGE as damage:
        raise error(Code.IMAGE_UNREADABLE) from damage


def encode(rgb: NDArray[np.uint8]) -> bytes:
    """The photo as it is stored: JPEG with full colour resolution, the long side scaled to at most 2560 pixels."""
    height, width = rgb.shape[:2]
    scale = STORED_SIDE_PX / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(stream, "JPEG", quality=STORED_QUALITY, subsampling=0)
    return stream.getvalue()


def _is_readable_format(data: bytes) -> bool:
    is_heif = data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_heif or is_webp or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pillow's warnings about odd headers go nowhere; filters belong to the whole process, hence the lock."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    image.load()
    profile = image.info.get("icc_profile")
    opaque = _opaque(image)
    srgb = (_to_srgb(opaque, profile) if profile else opaque).convert("RGB")
    turn = _TURNS.get(_orientation(image))
    return np.array(srgb if turn is None else srgb.transpose(turn), np.uint8)


def _orientation(image: Image.Image) -> int:
    with _without_warnings():
        try:
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
        except _DAMAGE:
            return 1


def _opaque(image: Image.Image) -> Image.Image:
    """The same picture in a mode without palette, alpha or 16 bits; what was transparent becomes white."""
    if image.mode.startswith(("I", "F")):
        deep = np.asarray(image, np.float64)
        return Image.fromarray(np.clip(np.round(deep / 257), 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Through the embedded profile; a profile that is damaged or for other colours than these is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        converted = ImageCms.profileToProfile(image, source, srgb, renderingIntent=intent, outputMode="RGB")
    except (ImageCms.PyCMSError, *_DAMAGE):
        return image
    return image if converted is None else converted
