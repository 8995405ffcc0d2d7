"""Photos: nothing but the picture is kept."""

from __future__ import annotations

import io
import warnings
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from yanta.kernel.base import Refused

SIDE = 2400
PIXELS = 60_000_000


def check_image(content: IO[bytes]) -> None:
    """Refuse what cannot be a picture or would unpack to a monstrous one."""
    content.seek(0)
    try:
        with warnings.catch_warnings(), Image.open(content) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            width, height = image.size
            image.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Refused("图片无法打开，请换一张", rule="file.broken") from error
    finally:
        content.seek(0)
    if width * height > PIXELS:
        raise Refused(f"图片过大（{width}×{height} 像素），请缩小后再上传", rule="file.pixels")


def bare_photo(content: IO[bytes]) -> IO[bytes]:
    """The picture upright, at most 2400 pixels a side, without place, device or any other metadata."""
    content.seek(0)
    with Image.open(content) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((SIDE, SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    result = io.BytesIO()
    bare.save(result, "JPEG", quality=88, optimize=True)
    result.seek(0)
    return result
