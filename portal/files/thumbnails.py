"""Small pictures, drawn anew from what people send: what the page shows holds no byte of theirs."""

import io

from PIL import Image, ImageOps

EDGE = 480  # pixels of the longer side, at most
MEDIA_TYPE = "image/webp"
# Pixels that are decoded at most: an even picture of a gigapixel compresses to a few kilobytes. JPEG may be
# as large as telephones make it, because it is decoded at a fraction of its size.
MOST_PIXELS = {"PNG": 25_000_000, "GIF": 25_000_000, "WEBP": 25_000_000, "JPEG": 50_000_000}


class NotAPicture(Exception):
    """These bytes are no picture that we can draw, or one too large to try."""


# Pillow's own bound only warns; ours refuses, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


def make_thumbnail(content: bytes) -> bytes:
    """A WebP of at most `EDGE` pixels, upright, only the first frame, no metadata; raises NotAPicture."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(MOST_PIXELS)) as picture:
            if picture.width * picture.height > MOST_PIXELS[picture.format or ""]:
                raise NotAPicture("too many pixels")
            return _encode(_draw(picture))
    except NotAPicture:
        raise
    except Exception as error:
        # Decoders raise whatever they trip over when the bytes were made to trip them.
        raise NotAPicture(f"{type(error).__name__}: {error}") from error


def _draw(picture: Image.Image) -> Image.Image:
    picture.draft("RGB", (EDGE, EDGE))
    upright = ImageOps.exif_transpose(picture)
    small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    small.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    return small


def _encode(picture: Image.Image) -> bytes:
    picture.info = {}  # else the place where it was taken would go along
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=80, method=4)
    return written.getvalue()
