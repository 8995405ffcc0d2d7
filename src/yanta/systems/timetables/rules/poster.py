"""A week on a sheet of A4, as the source that typst draws. Pure."""

from __future__ import annotations

from collections.abc import Sequence

HEAD = """
#set page(paper: "a4", flipped: true, margin: 12mm)
#set text(font: "Noto Sans SC", size: 9pt, lang: "zh")
#let name(body) = text(weight: "bold", size: 9.5pt, body)
#let more(body) = text(size: 7.5pt, fill: rgb("#465468"), body)
#let lesson(title, rest) = block(width: 100%, fill: rgb("#e8edf4"), inset: 4pt, radius: 2pt, spacing: 3pt)[#name(title) \\ #more(rest)]
"""
Cell = Sequence[tuple[str, str]]


def source(title: str, sub: str, days: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]]) -> str:
    """Texts only as strings, so that nothing in a course's name is taken for an order."""
    head = ", ".join(f"strong({_quoted(day)})" for day in days)
    body = ",\n".join(
        ", ".join([f"align(horizon + center, {_quoted(name)})", *(_cell(cell) for cell in cells)])
        for name, cells in rows
    )
    return f"""{HEAD}
#text(size: 15pt, weight: "bold", {_quoted(title)}) #h(8pt) #text(fill: rgb("#465468"), {_quoted(sub)})
#v(4pt)
#table(columns: (34pt, {", ".join(["1fr"] * len(days))}), inset: 4pt, stroke: 0.5pt + rgb("#c8c7c4"),
  table.header("", {head}),
{body})
"""


def _cell(cell: Cell) -> str:
    lessons = " + ".join(f"lesson({_quoted(title)}, {_quoted(rest)})" for title, rest in cell)
    return lessons or "[]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
