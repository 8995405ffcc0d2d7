"""Files as tables of text: workbooks, separated and fixed-width text, dBase; the readers are those of the intake."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import pyarrow as pa

from yanta.hub.exchange.connectors.base import BATCH, Address, Broken, Reading
from yanta.hub.intake.formats import UnreadableError, open_grids
from yanta.hub.intake.grids import Grid, Line
from yanta.hub.intake.layout import detect_layout
from yanta.hub.intake.texts import best_encoding, cut
from yanta.kernel.base import Refused

JOINT = "#"
SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".dat", ".xlsx", ".xls", ".xlsm", ".dbf", ".db", ".sqlite"})
# More lines than this that nobody has taken mean the wrong separator or encoding, not bad lines.
MOST_BROKEN = 200_000
BYTES = "bytes-shown"
UNDECODED = "\ufffd"


def _shown(fault: UnicodeError) -> tuple[str, int]:
    """What is no character is shown as its bytes, so that the original is not lost."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    wrong = fault.object[fault.start : fault.end]
    return UNDECODED + "".join(f"<{byte:02X}>" for byte in wrong), fault.end


codecs.register_error(BYTES, _shown)


@dataclass(frozen=True, slots=True)
class Span:
    """One column of a fixed-width line, in bytes of GBK, from 1."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How the files of a connection are cut."""

    header: str = "auto"
    spans: tuple[Span, ...] = ()
    encoding: str = ""

    @classmethod
    def of(cls, address: Address) -> FileOptions:
        header = address.get("header", "auto")
        if header not in ("auto", "first", "none"):
            raise Refused("参数 header 只能是 auto（自动）、first（首行）或 none（无表头）")
        return cls(header, spans_of(address.get("layout")), address.get("encoding"))


def spans_of(text: str) -> tuple[Span, ...]:
    """`学号:1-10,姓名:11-30`."""
    spans = []
    for part in filter(None, (part.strip() for part in text.replace("，", ",").split(","))):
        name, _, place = part.replace("：", ":").partition(":")
        start, _, end = place.partition("-")
        if not (name and start.isdecimal() and end.isdecimal() and 0 < int(start) <= int(end)):
            raise Refused(f"定长版式“{part}”应写作 列名:起-止")
        spans.append(Span(name.strip(), int(start), int(end)))
    ordered = sorted(spans, key=lambda span: span.start)
    for left, right in pairwise(ordered):
        if right.start <= left.end:
            raise Refused(f"定长版式中“{left.name}”与“{right.name}”重叠")
    return tuple(ordered)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid whose columns have names; `first` is the number of the line before its first row."""

    name: str
    labels: tuple[str, ...]
    grid: Grid
    first: int = 0

    def lines(self) -> Iterator[Line]:
        """The rows: neither titles and header nor blank lines."""
        for number, cells in self.grid.lines():
            if number > self.first and any(cell and not cell.isspace() for cell in cells):
                yield number, cells


def sheets_of(path: Path, options: FileOptions) -> list[Sheet]:
    """Every table in the file; Refused in words for one that no reader understands."""
    if options.spans:
        return [_fixed(path, options)]
    try:
        grids = open_grids(path, undecodable=BYTES)
    except UnreadableError as fault:
        raise Refused(str(fault)) from fault
    several = len(grids) > 1
    return [
        _sheet(grid, f"{path.name}{JOINT}{grid.sheet}" if several else path.name, options) for grid in grids
    ]


def _fixed(path: Path, options: FileOptions) -> Sheet:
    with path.open("rb") as stream:
        encoding = options.encoding or best_encoding(stream.read(1 << 18))
    # What stands before and between the columns is cut off too: columns are every other cell.
    places: list[tuple[int, int | None]] = [(0, None)]
    for span in options.spans:
        places += [(span.start - 1, None), (span.end, None)]

    def read() -> Iterator[Line]:
        with path.open(encoding=encoding, errors=BYTES) as stream:
            for number, line in enumerate(stream, 1):
                yield number, cut(line.rstrip("\r\n"), places)[1::2]

    return Sheet(path.name, tuple(span.name for span in options.spans), Grid(path.name, "", read))


def _sheet(grid: Grid, name: str, options: FileOptions) -> Sheet:
    if grid.labels:
        return Sheet(name, distinct(grid.labels), grid)
    if options.header == "auto":
        layout = detect_layout(grid)
        if layout.header:
            return Sheet(name, distinct(layout.labels), grid, layout.last_head)
    head = grid.head(200)
    filled = [(number, cells) for number, cells in head if any(cells)]
    if filled and (options.header == "first" or (options.header == "auto" and _names(filled[0][1]))):
        number, cells = filled[0]
        return Sheet(
            name, distinct([cell or f"第{place}列" for place, cell in enumerate(cells, 1)]), grid, number
        )
    width = max((len(cells) for _, cells in head), default=0)
    return Sheet(name, tuple(f"第{place}列" for place in range(1, width + 1)), grid)


def _names(cells: Sequence[str | None]) -> bool:
    """Whether a first line names columns: all filled, all different, none a number."""
    words = [cell.strip() for cell in cells if cell and cell.strip()]
    return len(words) == len(cells) == len(set(words)) and not any(_is_number(word) for word in words)


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).replace("-", "").isdecimal()


def distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Names of columns, each once: 备注, 备注_2."""
    seen: dict[str, int] = {}
    made = []
    for label in (label.strip() for label in labels):
        seen[label] = seen.get(label, 0) + 1
        made.append(label if seen[label] == 1 else f"{label}_{seen[label]}")
    return tuple(made)


def schema_of(labels: Sequence[str]) -> pa.Schema:
    return pa.schema([(label, pa.string()) for label in labels])


def batches_of(sheet: Sheet, wanted: Sequence[str], reading: Reading) -> Iterator[pa.RecordBatch]:
    """The rows of a sheet with these columns; lines that do not fit the header, or are no text, go to `broken`."""
    places = [sheet.labels.index(name) for name in wanted]
    lines = _whole(sheet, places, reading)
    schema = schema_of(wanted)
    while chunk := list(islice(lines, BATCH)):
        columns = [pa.array([cells[place] for cells in chunk], pa.string()) for place in places]
        yield pa.record_batch(columns, schema=schema)


def _whole(sheet: Sheet, places: Sequence[int], reading: Reading) -> Iterator[list[str | None]]:
    width = len(sheet.labels)
    for number, cells in sheet.lines():
        fault = _fault(sheet, cells)
        if fault:
            _put_aside(sheet, number, cells, fault, places, reading)
        elif len(cells) < width:
            yield [*cells, *[None] * (width - len(cells))]
        else:
            yield cells[:width]


def _fault(sheet: Sheet, cells: Sequence[str | None]) -> str:
    """Why a line cannot be read into the header's columns, or nothing."""
    width = len(sheet.labels)
    if any(UNDECODED in cell for cell in cells if cell):
        return "有无法解码的字符，尖括号中是原字节"
    if any(cell and not cell.isspace() for cell in cells[width:]):
        return f"有 {len(cells)} 格，比表头的 {width} 列多"
    # A work sheet leaves out empty cells at the end; a line of text that lacks cells has lost some.
    if sheet.grid.is_separated and len(cells) < width:
        return f"只有 {len(cells)} 格，比表头的 {width} 列少"
    return ""


def _put_aside(
    sheet: Sheet, number: int, cells: Sequence[str | None], fault: str, places: Sequence[int], reading: Reading
) -> None:  # fmt: skip
    text = "，".join(cell or "" for cell in cells)
    known = tuple(cells[place] if place < len(cells) else None for place in places)
    reading.broken.append(Broken(f"{sheet.name} 第 {number} 行", number, text, fault, known))
    reading.rejected += 1
    if len(reading.broken) > MOST_BROKEN:
        raise Refused(f"“{sheet.name}”有超过 {MOST_BROKEN} 行读不出来，请检查分隔符与编码；什么也没有取走")
