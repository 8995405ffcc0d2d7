"""A filled form on screen: as a file, as pictures, line by line."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from yanta.kernel.base import Refused
from yanta.kernel.base.elements import declared, known
from yanta.kernel.documents import Filled, printing
from yanta.kernel.files import kinds
from yanta.systems.paperwork.models import Edition

PREVIEW_DPI = 90
MOST_PAGES = 4


def download(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kinds.TYPES[kind])
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


def as_file(filled: Filled, title: str, wanted: str) -> HttpResponse:
    """The document as it is, or as PDF/A."""
    if wanted != "pdf":
        return download(filled.content, f"{title}.{filled.kind}", filled.kind)
    printed = printing.to_pdf({"one": (filled.kind, filled.content)}, seconds=90)
    if "one" not in printed.pdfs:
        raise Refused(printed.failures["one"], rule="document.pdf")
    return download(printed.pdfs["one"], f"{title}.pdf", "pdf")


def previews(filled: Filled) -> list[str]:
    """The first pages as pictures for the page itself; none where there is no LibreOffice."""
    printed = printing.to_pdf({"one": (filled.kind, filled.content)}, seconds=90)
    if "one" not in printed.pdfs:
        return []
    pages = printing.pages(printed.pdfs["one"], dpi=PREVIEW_DPI, limit=MOST_PAGES)
    return ["data:image/png;base64," + base64.b64encode(page).decode() for page in pages]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One filled slot for a person to check."""

    label: str
    element: str
    shown: str
    source: str
    owner: str
    confirmed_on: Any
    dispute: str


def lines_of(edition: Edition, filled: Filled, person_id: int) -> list[SourceLine]:
    names = {one.element for one in filled.written if one.element}
    facts = known([person_id], names, on=timezone.localdate())[person_id]
    labels = {name: one.label for name, one in declared().items()}
    return [
        SourceLine(
            one.label, labels.get(one.element, ""), facts[one.element].shown, one.source, one.owner, one.confirmed_on,
            facts[one.element].dispute,
        )
        for one in filled.written if one.element in facts
    ]  # fmt: skip
