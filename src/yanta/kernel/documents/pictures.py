"""A photo for a cell: turned upright, small enough for paper, never larger than the cell."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

DOTS_PER_POINT = 300 / 72
MARGIN = 0.94
# A passport photo where the form does not say how high its cell is.
USUAL = (71.0, 99.0)


class PictureError(Exception):
    """The photo cannot be used, in words for whoever can bring another."""


def fitted(photo: bytes, width: float, height: float) -> tuple[bytes, float, float]:
    """JPEG or PNG bytes and the size in points at which they fit into so many points."""
    try:
        opened = Image.open(io.BytesIO(photo))
        is_png = opened.format == "PNG"
        image = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError("照片无法打开，请换一张 JPG 或 PNG") from error
    room_x, room_y = (width or USUAL[0]) * MARGIN, (height or USUAL[1]) * MARGIN
    scale = min(room_x / image.width, room_y / image.height)
    shown = (image.width * scale, image.height * scale)
    limit = (max(int(shown[0] * DOTS_PER_POINT), 1), max(int(shown[1] * DOTS_PER_POINT), 1))
    image.thumbnail(limit)
    kept = io.BytesIO()
    if is_png and image.mode in ("RGBA", "LA", "P"):
        image.save(kept, "PNG", optimize=True)
    else:
        image.convert("RGB").save(kept, "JPEG", quality=88)
    return kept.getvalue(), shown[0], shown[1]
