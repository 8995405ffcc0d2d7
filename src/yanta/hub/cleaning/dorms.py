"""Beds: campus, building, unit, room and bed from however housing writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

_BED = re.compile(
    r"^(?P<building>\d{1,2})(号楼|号公寓|号|#楼|#|栋|幢|舍|楼|-)?(学生)?(公寓|宿舍)?楼?-?(?P<unit>[A-Za-z])?(座|区|单元)?-?"
    r"(?P<room>\d{3,4})(室|房|号)?-?(床|床位)?-?(?P<bed>\d)?(号)?(床|铺|床位)?$"
)


def bed_code(place: str, bed: str, campus: str, campuses: Mapping[str, str]) -> str | None:
    """校区码-楼号两位-单元-房间-床, or None if a part is missing."""
    text = re.sub(r"\s|_|/", "", place)
    for name in sorted(campuses, key=len, reverse=True):
        if text.upper().startswith(name):
            campus, text = campuses[name], text[len(name) :].lstrip("-")
            break
    found = _BED.match(text)
    if not found or not campus:
        return None
    number = found["bed"] or next(iter(re.findall(r"\d+", bed)), "")
    if not number:
        return None
    return "-".join(
        (campus, found["building"].zfill(2), (found["unit"] or "A").upper(), found["room"], number)
    )
