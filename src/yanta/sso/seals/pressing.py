"""Pressing a seal or a signature onto a document: PAdES (ETSI EN 319 142-1), level B-T.

On a document that nobody has signed, further impressions, the halves across the edges and the code of the
verification page become part of the page; the signature covers them. On one that is signed already the pages stay
as they are, and only a signature with its picture is added, so that what others signed remains valid.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image
from pyhanko.pdf_utils import content, generic, layout
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.stamp import StaticStampStyle

from yanta.kernel.base import Refused
from yanta.sso.seals import clock, national, papers
from yanta.sso.seals.drawing import MM, Picture
from yanta.sso.seals.models import Certificate
from yanta.sso.seals.rules import Place

# How many leaves one impression across the edges is spread over at most.
LEAVES = 20
EDGE = 12 * MM
MARGIN = layout.Margins.uniform(0)
# Room for the signature, two chains and the time stamp.
RESERVED = 24_000


@dataclass(frozen=True, slots=True)
class Art:
    """What a seal looks like: our drawing, or an uploaded picture of so many millimetres."""

    picture: Picture | None = None
    image: bytes = b""
    width: float = 42.0
    height: float = 42.0


@dataclass(frozen=True, slots=True)
class Impress:
    """All that one signature needs."""

    art: Art
    places: Sequence[Place]
    certificate: Certificate
    name: str
    reason: str
    location: str
    at: datetime
    mark: Picture | None = None
    national: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle of an impression on the unturned page, in points."""

    page: int
    x: float
    y: float


def pressed(paper: papers.Paper, impress: Impress) -> bytes:
    """The signed document. Refused when a place does not exist on this paper."""
    spots = _spots(paper, impress)
    seams = any(place.spot == "seam" for place in impress.places)
    if paper.signatures and (seams or len(spots) > 1):
        raise Refused("文件上已有签名，只能再盖一处，不能盖骑缝章或多处", rule="seals.signed-already")
    body = paper.content
    if not paper.signatures:
        body = _printed(paper, impress, spots[:-1], seams=seams)
    return _signed(body, paper, impress, spots[-1])


def _spots(paper: papers.Paper, impress: Impress) -> list[Spot]:
    found = [_spot(paper, place, impress.art) for place in impress.places if place.spot != "seam"]
    return found or [_corner(paper, impress.art)]


def _spot(paper: papers.Paper, place: Place, art: Art) -> Spot:
    if place.spot == "corner":
        return _corner(paper, art)
    if place.spot == "word":
        at = papers.where(paper.content, place.word)
        if at is None:
            raise Refused(f"文件里没有关键字“{place.word}”", rule="seals.word")
        return Spot(*at)
    number = (place.page or len(paper.sheets)) - 1
    if number >= len(paper.sheets):
        raise Refused(f"文件只有 {len(paper.sheets)} 页，没有第 {place.page} 页", rule="seals.page")
    sheet = paper.sheets[number]
    wide, tall = sheet.shown
    x, y = place.x * MM, tall - place.y * MM
    if not (0 <= x <= wide and 0 <= y <= tall):
        raise Refused(
            f"“{place}”不在纸面上，这一页 {wide / MM:.0f}×{tall / MM:.0f} 毫米", rule="seals.off-page"
        )
    return Spot(number, *_unturned(sheet, x, y))


def _corner(paper: papers.Paper, art: Art) -> Spot:
    sheet = paper.sheets[-1]
    wide, _ = sheet.shown
    x, y = wide - (art.width / 2 + 22) * MM, (art.height / 2 + 38) * MM
    return Spot(len(paper.sheets) - 1, *_unturned(sheet, x, y))


def _unturned(sheet: papers.Sheet, x: float, y: float) -> tuple[float, float]:
    """A point as the reader sees it, on the page as it is stored."""
    wide, tall = sheet.width, sheet.height
    by_turn = {0: (x, y), 90: (wide - y, x), 180: (wide - x, tall - y), 270: (y, tall - x)}
    found = by_turn.get(sheet.turned, (x, y))
    return found[0] + sheet.left, found[1] + sheet.bottom


class Drawn(content.PdfContent):
    """A seal or code as content of a page, upright for the reader however the page is turned."""

    def __init__(self, art: Art, turned: int = 0) -> None:
        self.art, self.turned = art, turned
        self.wide, self.tall = art.width * MM, art.height * MM
        flat = turned in (90, 270)
        width, height = (self.tall, self.wide) if flat else (self.wide, self.tall)
        super().__init__(box=layout.BoxConstraints(width=width, height=height))

    def render(self) -> bytes:
        turn = math.radians(self.turned)
        cos, sin = round(math.cos(turn)), round(math.sin(turn))
        across = {0: (0.0, 0.0), 90: (self.tall, 0.0), 180: (self.wide, self.tall), 270: (0.0, self.wide)}
        e, f = across.get(self.turned, (0.0, 0.0))
        return b"q %d %d %d %d %.3f %.3f cm " % (cos, sin, -sin, cos, e, f) + self._ink() + b" Q"

    def _ink(self) -> bytes:
        if self.art.picture is not None:
            return self.art.picture.as_pdf()
        with Image.open(io.BytesIO(self.art.image)) as image:
            shown = PdfImage(
                image.convert("RGBA"), writer=self.writer, box=layout.BoxConstraints(self.wide, self.tall)
            )
        ink = shown.render()
        self.import_resources(shown.resources)
        return ink


def art_of(picture: Picture) -> Art:
    return Art(picture, width=picture.width, height=picture.height)


def _printed(paper: papers.Paper, impress: Impress, spots: Sequence[Spot], *, seams: bool) -> bytes:
    """The document with everything on its pages that the signature is to cover."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper.content), strict=False)
    done = False
    for spot in spots:
        drawn = Drawn(impress.art, paper.sheets[spot.page].turned)
        _put(writer, spot.page, drawn, spot.x - _wide(drawn) / 2, spot.y - _tall(drawn) / 2)
        done = True
    if seams:
        _put_seams(writer, paper, impress.art)
        done = True
    if impress.mark is not None:
        _put_mark(writer, paper, impress.mark)
        done = True
    if not done:
        return paper.content
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _wide(drawn: Drawn) -> float:
    return float(drawn.box.width)


def _tall(drawn: Drawn) -> float:
    return float(drawn.box.height)


def _put_mark(writer: IncrementalPdfFileWriter, paper: papers.Paper, mark: Picture) -> None:
    """The code at the lower right of the last page."""
    sheet, page = paper.sheets[-1], len(paper.sheets) - 1
    art = art_of(mark)
    drawn = Drawn(art, sheet.turned)
    wide, _ = sheet.shown
    x, y = _unturned(sheet, wide - (art.width / 2 + 10) * MM, (art.height / 2 + 8) * MM)
    _put(writer, page, drawn, x - _wide(drawn) / 2, y - _tall(drawn) / 2)


def _put_seams(writer: IncrementalPdfFileWriter, paper: papers.Paper, art: Art) -> None:
    """骑缝章: a slice of the seal at the right edge of every leaf."""
    total = len(paper.sheets)
    if total < 2:
        raise Refused("只有一页的文件不用盖骑缝章", rule="seals.seam")
    for first in range(0, total, LEAVES):
        leaves = range(first, min(first + LEAVES, total))
        for slot, page in enumerate(leaves):
            sheet = paper.sheets[page]
            drawn = Drawn(art, sheet.turned)
            wide, tall = sheet.shown
            part = art.width * MM / len(leaves)
            x, y = _unturned(sheet, wide - part * (slot + 1) + art.width * MM / 2 - (part * 0), tall * 0.55)
            edge = _unturned(sheet, wide - part, tall * 0.55 - art.height * MM / 2)
            far = _unturned(sheet, wide, tall * 0.55 + art.height * MM / 2)
            clip = (min(edge[0], far[0]), min(edge[1], far[1]), abs(far[0] - edge[0]), abs(far[1] - edge[1]))
            _put(writer, page, drawn, x - _wide(drawn) / 2, y - _tall(drawn) / 2, clip=clip)


def _put(
    writer: IncrementalPdfFileWriter, page: int, drawn: Drawn, x: float, y: float,
    *, clip: tuple[float, float, float, float] | None = None,
) -> None:  # fmt: skip
    drawn.set_writer(writer)
    form = writer.add_object(drawn.as_form_xobject())
    name = f"/Yanta{form.idnum}"
    kept = b"%.3f %.3f %.3f %.3f re W n " % clip if clip else b""
    paint = b"q " + kept + b"1 0 0 1 %.3f %.3f cm %s Do Q" % (x, y, name.encode())
    # What a page left set must not move or colour ours.
    for piece, before in ((b"q", True), (b"Q", False)):
        writer.add_stream_to_page(
            page, writer.add_object(generic.StreamObject(stream_data=piece)), prepend=before
        )
    resources = generic.DictionaryObject(
        {generic.pdf_name("/XObject"): generic.DictionaryObject({generic.pdf_name(name): form})}
    )
    writer.add_stream_to_page(page, writer.add_object(generic.StreamObject(stream_data=paint)), resources)


class OwnSigner(signers.SimpleSigner):
    """The library's, but for a key that need not be checked at every signature."""

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        return clock.signed(self.signing_key, data, digest_algorithm)


def signer_of(row: Certificate) -> signers.SimpleSigner:
    return OwnSigner(
        signing_cert=clock.certificate_of(row),
        signing_key=clock.key_of(row),
        cert_registry=clock.store_of(row),
    )


def _signed(body: bytes, paper: papers.Paper, impress: Impress, spot: Spot) -> bytes:
    drawn = Drawn(impress.art, paper.sheets[spot.page].turned)
    left, bottom = spot.x - _wide(drawn) / 2, spot.y - _tall(drawn) / 2
    box = (round(left), round(bottom), round(left + _wide(drawn)), round(bottom + _tall(drawn)))
    name = f"Yanta-{paper.signatures + 1}-{impress.at:%Y%m%d%H%M%S}"
    # The library fixes the ciphers and cannot be told when it is, but by this.
    signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(
            field_name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, name=impress.name,
            reason=impress.reason, location=impress.location,
        ),
        signer=signer_of(impress.certificate),
        timestamper=clock.at(impress.at),
        stamp_style=StaticStampStyle(
            background=drawn, border_width=0,
            background_layout=layout.SimpleBoxLayoutRule(
                x_align=layout.AxisAlignment.ALIGN_MID, y_align=layout.AxisAlignment.ALIGN_MID, margins=MARGIN
            ),
        ),
        new_field_spec=fields.SigFieldSpec(name, on_page=spot.page, box=box),
    )  # fmt: skip
    if impress.national is not None:
        body = _nationally_signed(body, impress.national, f"{name}-SM2", impress.at)
    writer = IncrementalPdfFileWriter(io.BytesIO(body), strict=False)
    out = signer.sign_pdf(writer, bytes_reserved=RESERVED)
    whole: bytes = out.getbuffer().tobytes()
    return whole


def _nationally_signed(body: bytes, row: Certificate, name: str, at: datetime) -> bytes:
    """With an SM2 signature that shows nothing on the page; the signature with the picture covers it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(body), strict=False)
    steps = PdfCMSEmbedder(new_field_spec=fields.SigFieldSpec(name)).write_cms(name, writer)
    next(steps)
    place = PdfSignedData(
        generic.NameObject("/Sig"), subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED, timestamp=at,
        bytes_reserved=RESERVED,
    )  # fmt: skip
    steps.send(SigObjSetup(sig_placeholder=place))
    prepared, out = steps.send(SigIOSetup(md_algorithm="sm3"))
    steps.send(national.message(row, prepared.document_digest, at=at))
    whole: bytes = out.getvalue()
    return whole
