"""Bytes to pixels and back."""

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from skin.errors import Code, SkinError
from skin.vision.images import STORED_SIDE_PX, decode, encode

ORIENTATION = 0x0112


def scene(width: int = 64, height: int = 48) -> Image.Image:
    """A smooth picture whose corners differ: dark top left, red to the right, green downwards."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 255 / (width - 1), y * 255 / (height - 1), np.full(x.shape, 64)], axis=-1)
    return Image.fromarray(rgb.astype(np.uint8))


def as_bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def refusal(data: bytes, **limits: int) -> Code:
    with pytest.raises(SkinError) as caught:
        decode(data, **limits)
    return caught.value.code


def mean_difference(found: NDArray[np.uint8], expected: Image.Image) -> float:
    return float(np.abs(found.astype(int) - np.asarray(expected.convert("RGB"), int)).mean())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_format_is_read(kind: str) -> None:
    found = decode(as_bytes(scene(), kind, quality=95))
    assert found.shape == (48, 64, 3)
    assert found.dtype == np.uint8
    assert mean_difference(found, scene()) < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_turned_by_exif_is_upright(kind: str, orientation: int) -> None:
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    turned = scene() if stored is None else scene().transpose(stored)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert mean_difference(decode(as_bytes(turned, kind, exif=exif, quality=95)), scene()) < 4


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused_by_content(kind: str) -> None:
    assert refusal(as_bytes(scene(), kind)) is Code.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("data", [b"", b"not a photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"])
def test_what_is_no_photo_is_refused_as_unsupported(data: bytes) -> None:
    assert refusal(data) is Code.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_photo_is_unreadable(kind: str, share: float) -> None:
    whole = as_bytes(scene(320, 240), kind, quality=90)
    assert refusal(whole[: int(len(whole) * share)]) is Code.IMAGE_UNREADABLE


def test_too_many_bytes_are_refused_before_they_are_looked_at() -> None:
    assert refusal(b"\0" * 101, max_bytes=100) is Code.IMAGE_TOO_LARGE


def test_too_many_pixels_are_refused() -> None:
    assert refusal(as_bytes(scene(), "PNG"), max_pixels=64 * 48 - 1) is Code.IMAGE_TOO_LARGE


@pytest.mark.parametrize(("width", "height"), [(9000, 9000), (12000, 12000), (60000, 60000)])
def test_a_decompression_bomb_is_refused_by_its_header_without_a_warning(width: int, height: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert refusal(bomb) is Code.IMAGE_TOO_LARGE
    assert not caught


def test_an_animation_gives_its_first_frame() -> None:
    other = Image.new("RGB", scene().size, "white")
    for kind in ("WEBP", "PNG"):
        moving = as_bytes(scene(), kind, save_all=True, append_images=[other], lossless=True)
        assert mean_difference(decode(moving), scene()) < 1


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_png_modes_are_read_as_they_look(mode: str) -> None:
    image = scene().convert("L").convert(mode) if mode != "I;16" else deep_grey()
    expected = scene().convert("L").convert("1") if mode == "1" else scene().convert("L")
    assert mean_difference(decode(as_bytes(image, "PNG")), expected) < 2


def deep_grey() -> Image.Image:
    return Image.fromarray(np.asarray(scene().convert("L"), np.uint16) * 257)


def test_a_cmyk_photo_is_read() -> None:
    assert mean_difference(decode(as_bytes(scene().convert("CMYK"), "JPEG", quality=95)), scene()) < 10


def test_what_is_transparent_becomes_white() -> None:
    layer = scene().convert("RGBA")
    layer.putalpha(0)
    assert decode(as_bytes(layer, "PNG")).min() == 255


def test_colours_of_an_embedded_profile_are_converted() -> None:
    lab_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    assert mean_difference(decode(as_bytes(scene(), "PNG", icc_profile=lab_profile.tobytes())), scene()) < 1
    swapped = decode(as_bytes(scene(), "PNG", icc_profile=red_green_swapped(lab_profile.tobytes()))).astype(int)
    plain = np.asarray(scene(), int)
    assert np.abs(swapped[..., 0] - plain[..., 1]).mean() < 12
    assert np.abs(swapped[..., 1] - plain[..., 0]).mean() < 12


def red_green_swapped(profile: bytes) -> bytes:
    """An sRGB profile whose tag table has the red and green primaries exchanged."""
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def test_a_damaged_profile_is_ignored() -> None:
    assert mean_difference(decode(as_bytes(scene(), "PNG", icc_profile=b"nonsense")), scene()) < 1


def test_damaged_exif_is_ignored_silently() -> None:
    data = as_bytes(scene(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    assert mean_difference(decode(data), scene()) < 4


def test_nothing_but_pixels_is_stored() -> None:
    stored = Image.open(BytesIO(encode(np.asarray(scene(), np.uint8))))
    assert not stored.getexif()
    assert "icc_profile" not in stored.info
    assert stored.format == "JPEG"
    assert [component[1:3] for component in stored.layer] == [(1, 1)] * 3, "full colour resolution"


@pytest.mark.parametrize("size", [(3000, 40), (40, 3000), (2560, 30), (100, 80)])
def test_the_stored_photo_is_at_most_so_long(size: tuple[int, int]) -> None:
    width, height = size
    found = decode(encode(np.full((height, width, 3), 128, np.uint8)))
    assert max(found.shape) == min(max(size), STORED_SIDE_PX)


def test_storing_hardly_changes_a_photo() -> None:
    rgb = np.asarray(scene(), np.uint8)
    assert np.abs(decode(encode(rgb)).astype(int) - rgb.astype(int)).mean() < 1.5


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "HEIF"]), st.data())
def test_no_damage_gets_through_as_anything_but_our_errors(kind: str, data: st.DataObject) -> None:
    photo = bytearray(as_bytes(scene(), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        photo[data.draw(st.integers(12, len(photo) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(12, len(photo)))
    with suppress(SkinError):
        assert decode(bytes(photo[:cut])).ndim == 3


def test_photos_decoded_in_parallel_do_not_mix() -> None:
    photos = [as_bytes(Image.new("RGB", (80, 60), (i * 10, 50, 50)), "PNG") for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(decode, photos))
    assert [int(rgb[0, 0, 0]) for rgb in found] == [i * 10 for i in range(24)]
