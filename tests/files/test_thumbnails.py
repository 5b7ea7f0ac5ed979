"""Thumbnails are small, upright, drawn anew, and cost no more than they should."""

import io
import random
import zlib

import pytest
from PIL import Image, ImageDraw

from portal.files.thumbnails import EDGE, NotAPicture, make_thumbnail


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


MODES = {
    "PNG": ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"],
    "JPEG": ["RGB", "L", "CMYK"],
    "GIF": ["RGB", "RGBA", "P", "L", "1"],
    "WEBP": ["RGB", "RGBA", "L"],
}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind in MODES for mode in MODES[kind]])
def test_pictures_of_all_kinds_become_small(kind: str, mode: str) -> None:
    content = saved(Image.new(mode, (900, 300)), kind)
    small = opened(make_thumbnail(content))
    assert (small.format, small.size) == ("WEBP", (EDGE, EDGE // 3))


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(make_thumbnail(saved(Image.new("RGB", (3, 2)), "PNG"))).size == (3, 2)


def test_transparency_is_kept() -> None:
    small = opened(make_thumbnail(saved(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")))
    assert small.convert("RGBA").getpixel((4, 4))[3] == 0


def test_a_picture_taken_sideways_stands_upright_and_its_metadata_is_gone() -> None:
    picture = Image.new("RGB", (80, 40), "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, 40, 40), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera of Jana"
    exif[0x8825] = {1: "N", 2: (50.0, 5.0, 0.0)}
    content = saved(picture, "JPEG", exif=exif, comment=b"secret", quality=95)
    small = opened(thumbnail := make_thumbnail(content))
    assert small.size == (40, 80)
    red, _, blue = small.convert("RGB").getpixel((20, 5))
    assert red > 200 > 60 > blue
    assert not small.getexif()
    assert b"Jana" not in thumbnail
    assert b"secret" not in thumbnail
    assert "icc_profile" not in small.info


def test_only_the_first_frame_of_a_film_is_shown() -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue", "green")]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=10)
    small = opened(make_thumbnail(content))
    assert getattr(small, "n_frames", 1) == 1
    assert small.convert("RGB").getpixel((5, 5))[0] > 200


def test_what_follows_the_picture_does_not_travel() -> None:
    content = saved(Image.new("RGB", (10, 10)), "PNG") + b"<script>alert(1)</script>"
    assert b"script" not in make_thumbnail(content)


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\x00\x00\x00\x00"
    rows = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rows + chunk(b"IEND", b"")


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(NotAPicture, match="too many pixels"):
        make_thumbnail(bomb(60_000, 60_000))


@pytest.mark.parametrize("content", [b"", b"GIF89a<script>", b"%PDF-1.4", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_no_picture_is_no_picture(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        make_thumbnail(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_broken_pictures_are_drawn_or_refused(kind: str) -> None:
    dice = random.Random(7)
    content = saved(Image.effect_noise((64, 64), 80).convert("RGB"), kind)
    refused = 0
    for _ in range(150):
        broken = bytearray(content)
        for _ in range(dice.randint(1, 20)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            small = opened(make_thumbnail(bytes(broken[: dice.randint(1, len(broken))])))
        except NotAPicture:
            refused += 1
        else:
            assert small.format == "WEBP"
            assert max(small.size) <= EDGE
    assert refused > 0
