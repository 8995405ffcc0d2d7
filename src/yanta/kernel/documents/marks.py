"""What a text on a form asks for: check boxes, blanks for a date, blanks to write on."""

from __future__ import annotations

import re
from dataclasses import dataclass

BOXES = "□☐❏❑❒▢"
TICKED = "☑"
_GAP = r"[\s_\u3000]"
_DATE = re.compile(rf"(?P<year>(?:20|二[〇○Ｏ0])?{_GAP}*)年(?P<month>{_GAP}*)月(?:(?P<day>{_GAP}*)日)?")
_BLANK = re.compile(r"(?P<label>[^\s_：:，,。；;（）()、]{1,16})[：:]?[ \u3000]*(?P<blank>_{3,})")
_COLON = re.compile(
    r"(?P<label>[^\s_：:，,。；;（）()、][^_：:，,。；;\n]{0,14})[：:](?P<blank>[ \u3000]{2,}|[ \u3000]*$)",
    re.MULTILINE,
)
_OPTION = re.compile(rf"[{BOXES}]\s*(?P<name>[^\s{BOXES}、，,；;/／（(]+)")
_NOISE = re.compile(r"[\s\u3000*＊※：:]+")
_BRACKETS = re.compile(r"[（(【\[][^（(【\[）)】\]]*[）)】\]]")
PHOTO_WORDS = ("照片", "相片", "贴照", "一寸", "二寸")
OPINION_WORDS = ("意见", "审批", "审核", "签字", "盖章", "评语", "鉴定", "推荐理由", "结论")
NAMED = re.compile(r"(签名|签字)")
SIGNED = re.compile(r"(签名|签字|签章|负责人|（盖章）|\(盖章\)|盖章|公章)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text from `start` to `end`; `gaps` are the places of a date's numbers."""

    kind: str
    start: int
    end: int
    label: str = ""
    options: tuple[tuple[int, str], ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()


def plain(label: str) -> str:
    """A label as it is compared: no spaces, colons, stars."""
    return _NOISE.sub("", label)


def bare(label: str) -> str:
    """A label without what stands in brackets either."""
    return plain(_BRACKETS.sub("", label)) or plain(label)


def marks(text: str) -> list[Mark]:
    """Everything that a text asks for, from left to right, none inside another."""
    found: list[Mark] = [*_checks(text), *_dates(text)]
    taken = [(mark.start, mark.end) for mark in found]
    for pattern in (_BLANK, _COLON):
        for match in pattern.finditer(text):
            start, end = match.span("blank")
            if not any(start < high and low < max(end, start + 1) for low, high in taken):
                found.append(Mark("blank", start, end, plain(match["label"])))
                taken.append((start, max(end, start + 1)))
    return sorted(found, key=lambda mark: mark.start)


def _checks(text: str) -> list[Mark]:
    """Boxes that follow each other on one line are one question."""
    found = []
    for line in re.finditer(r"[^\n]+", text):
        options = [(line.start() + one.start(), one["name"]) for one in _OPTION.finditer(line[0])]
        if options:
            before = line[0][: options[0][0] - line.start()]
            found.append(Mark("check", options[0][0], line.end(), plain(before), tuple(options)))
    return found


def _dates(text: str) -> list[Mark]:
    found = []
    for match in _DATE.finditer(text):
        if not any(match[name] for name in ("year", "month", "day")):
            continue
        names = ["year", "month", "day"] if match["day"] is not None else ["year", "month"]
        before = re.split(r"[\n，,。；;_]", text[: match.start()])[-1]
        label = plain(before).lstrip("日月年至自到从起")
        found.append(Mark("date", *match.span(), label, gaps=tuple(match.span(name) for name in names)))
    return found


def is_photo(text: str) -> bool:
    return len(plain(text)) <= 24 and any(word in plain(text) for word in PHOTO_WORDS)


def is_opinion(label: str, text: str) -> bool:
    """A cell in which somebody decides: the label says so, and it is empty or waits for name and day."""
    named = any(word in plain(label) for word in OPINION_WORDS)
    signed = bool(SIGNED.search(text))
    return (named and (not plain(text) or signed)) or (
        signed and any(mark.kind == "date" for mark in marks(text))
    )
