"""Forms of Excel, written at the level of nodes: charts, pictures and controls, which openpyxl would lose, stay."""

from yanta.kernel.documents.sheets.form import SheetForm

__all__ = ["SheetForm"]
