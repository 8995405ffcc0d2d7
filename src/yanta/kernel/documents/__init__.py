"""Official forms of Word and Excel: read as they are, filled from elements, printed, compared."""

from __future__ import annotations

import zipfile

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.base import Refused
from yanta.kernel.documents.forms import FormFile
from yanta.kernel.documents.model import Binding, Filled, Opinion, Problem, Slot, Written

__all__ = ["Binding", "Filled", "FormFile", "Opinion", "Problem", "Slot", "Written", "open_form"]

_BROKEN = (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, etree.XMLSyntaxError, OSError)


def open_form(content: bytes, kind: str) -> FormFile:
    """`kind` is docx or xlsx; refuses what cannot be opened, for nothing good can come of it."""
    from yanta.kernel.documents.sheets import SheetForm
    from yanta.kernel.documents.word import WordForm

    try:
        return {"docx": WordForm, "xlsx": SheetForm}[kind](content)
    except _BROKEN as error:
        raise Refused(
            "文件打不开，可能已损坏，请用 Word 或 Excel 另存一次后再上传", rule="document.broken"
        ) from error
