"""Make other, dirtier rosters from the sample ones, with their truth: for measuring what generalises.

Headers come from a list of their own that was not written from the product's dictionary; columns change
places, formats and encodings; values are respelled; lines that are no data are strewn in.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

from yanta.hub.cleaning.dates import read_date
from yanta.hub.intake.elements import BELOW
from yanta.hub.intake.formats import open_grids
from yanta.hub.intake.grids import Grid
from yanta.hub.intake.layout import detect_layout

Key = tuple[str, str, int]

# What a column is called instead; keyed by words of the sample's own header.
OTHER_HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("曾用名", ("曾用名", "以前的名字", "更名前姓名")),
    ("拼音|英文名", ("姓名（拼音）", "英文姓名", "Name in English", "汉语拼音")),
    ("导师|辅导员", ("指导教师", "班主任姓名")),
    (
        "姓名|名字|^NAME$|^XM$",
        ("姓  名", "姓名*", "学生姓名", "人员姓名", "Name", "姓名（中文）", "XM", "职工姓名"),
    ),
    ("性别|^性$|SEX|XB", ("性　别", "性别", "性别（男/女）", "XBM", "Gender", "男/女")),
    ("出生|生日|CSRQ", ("出生年月日", "出生日期（公历）", "生　日", "CSRQ", "Date of Birth", "出生时间")),
    ("证件类型", ("证件种类", "身份证件类型", "证件类别")),
    (
        "证件号|身份证|SFZ|IDCARD",
        ("公民身份号码", "身份证件编号", "证件号码（身份证/护照）", "居民身份证号码", "ID No."),
    ),
    ("家庭电话|家长|紧急", ("家长联系电话", "父母手机", "紧急联系人电话", "家庭联系方式")),
    (
        "电话|手机|联系方式|TEL|LXDH",
        ("联系手机", "移动电话号码", "本人手机号", "Mobile", "手机（必填）", "联系电话1"),
    ),
    ("邮箱|邮件|mail", ("电子信箱", "E-Mail地址", "常用邮箱", "电子邮箱地址")),
    ("原学号|本科学号", ("转专业前学号", "本科阶段学号")),
    ("学号", ("学号/工号", "学生学号", "学号（10位）", "Student ID", "学　号")),
    ("职工号|^工号", ("教职工号", "人事编号", "工 号", "职工编号")),
    ("人员编号|条码|SNO", ("学工号", "人员编号", "一卡通编号/学工号", "读者证号")),
    ("学院代码|部门代码|DEPTCODE", ("院系代码", "所属单位代码", "部门编码")),
    (
        "^(?!现|毕业).*(学院|院系|单位|部门|LQYX)",
        ("院（系）", "所属学院", "部门（单位）", "所在院系", "二级单位", "学院/部门"),
    ),
    ("民族|MZ", ("族别", "民　族", "民族成份", "MZM")),
    ("面貌|ZZMM", ("政治面貌", "党派", "政治身份")),
    ("籍贯|生源地|HJDM", ("籍 贯", "户籍所在地", "生源所在地（省市县）", "祖籍")),
    ("考生号|KSH", ("高考考生号", "考生编号", "KSH")),
    ("专业代码|学科代码|LQZYDM", ("专业编码", "专业代码", "录取专业代号")),
    ("专业名称|学科/|LQZYMC", ("专业", "录取专业", "专业（方向）")),
    ("专业技术职务|职称", ("职 称", "现聘专业技术职务", "技术职称")),
    ("账号|卡号$", ("银行卡号", "工资卡号", "收款银行账号", "银行账户")),
    ("宿舍|房间|床位编号|住宿", ("住宿房间", "宿舍号", "寝室床位")),
    ("床位", ("床号",)),
    ("家庭(住|地)址|通讯地址|JTDZ", ("家庭详细住址", "通信地址", "住址")),
    ("班", ("行政班级", "班级名称", "所在班")),
)
DATE_FORMS = (
    "{0:04}-{1:02}-{2:02}",
    "{0:04}/{1}/{2}",
    "{0:04}.{1:02}.{2:02}",
    "{0}年{1}月{2}日",
    "{0:04}{1:02}{2:02}",
)


@dataclass(frozen=True)
class Written:
    """A line of a dirty file: where it was written and which sample row it is, if any."""

    key: Key
    origin: Key | None
    kind: str


def write_dirty(samples: Path, target: Path, *, seed: int, rate: float = 0.15) -> list[Written]:
    """Write the dirty files; `rate` is the share of values that are respelled."""
    written: list[Written] = []
    chance = random.Random(seed)
    for number, path in enumerate(sorted(one for one in samples.iterdir() if one.is_file())):
        if not path.name.startswith("authority"):
            written += _write_file(path, target, number, chance, rate)
    return written


def _write_file(
    path: Path, target: Path, number: int, chance: random.Random, rate: float
) -> Iterator[Written]:
    grids = [grid for grid in open_grids(path) if not (grid.labels and len(grid.labels) < 5)]
    stem = re.sub(r"_", chance.choice(["-", "（新）", ""]), path.stem) + chance.choice(
        ["2026", "_最终版", "(1)", ""]
    )
    tables = [(grid.sheet or "Sheet1", _dirty_lines(grid, chance, rate)) for grid in grids]
    if len(tables) > 1 or number % 2:
        return iter(_write_book(target / f"{stem}.xlsx", tables))
    return iter(_write_text(target / f"{stem}.csv", tables[0][1], chance))


Lines = list[tuple[list[str], Key | None, str]]


def _dirty_lines(grid: Grid, chance: random.Random, rate: float) -> Lines:
    layout = detect_layout(grid)
    names = {
        place: lookup.names
        for place, label in enumerate(layout.labels)
        for lookup in grid.lookups
        if label.upper() in (lookup.table.upper(), lookup.code_column.upper())
    }
    order = chance.sample(range(len(layout.labels)), len(layout.labels))
    header = [_other_header(layout.labels[place].split(BELOW)[-1], chance) for place in order]
    lines: Lines = [
        ([word], None, "title")
        for word in chance.sample(["人员信息表", "（内部资料 注意保存）", "2026年春季学期"], 2)
    ]
    lines.append((header, None, "header"))
    for row, cells in grid.lines():
        if row <= layout.last_head:
            continue
        padded = [*cells, *[None] * (len(layout.labels) - len(cells))]
        texts = [names.get(place, {}).get(padded[place] or "", padded[place] or "") for place in order]
        labels = [layout.labels[place] for place in order]
        dirty = [_respelt(text, label, chance, rate) for text, label in zip(texts, labels, strict=True)]
        lines.append((dirty, (grid.file, grid.sheet, row), "data"))
        if chance.random() < 0.004:
            lines.append(
                chance.choice(
                    [(["小计", "", "35人"], None, "total"), ([""], None, "blank"), (header, None, "header")]
                )
            )
    return [
        *lines,
        (["合计", f"共{len(lines)}人"], None, "total"),
        (["制表人：王芳　　复核：李强"], None, "footer"),
    ]


def _other_header(label: str, chance: random.Random) -> str:
    for words, others in OTHER_HEADERS:
        if re.search(words, label, re.IGNORECASE):
            return chance.choice([label, *others])
    return label


def _respelt(text: str, label: str, chance: random.Random, rate: float) -> str:
    """The same value in another spelling, at the given rate."""
    if not text or chance.random() > rate:
        return text
    if re.search("日期|出生|生日|时间|CSRQ|DATE", label) and (day := read_date(text).day):
        return chance.choice(DATE_FORMS).format(day.year, day.month, day.day) if _plain(text) else text
    if re.fullmatch(r"\d{17}[\dXx]", text):
        return chance.choice([text.lower(), f" {text}", f"{text[:6]} {text[6:14]} {text[14:]}", f"'{text}"])
    if re.fullmatch(r"1\d{10}", text):
        return chance.choice([f"+86{text}", f"{text[:3]}-{text[3:7]}-{text[7:]}", f"{text} ", f"86-{text}"])
    if re.fullmatch(r"\d{19}", text):
        return " ".join(re.findall(r"\d{1,4}", text))
    if text in ("男", "女"):
        return chance.choice({"男": ["男 ", "M", "男性", "1"], "女": ["女 ", "F", "女性", "2"]}[text])
    if re.search("姓名|名字|NAME|XM", label) and re.fullmatch(r"[\u4e00-\u9fff]{2,3}", text):
        return chance.choice(
            [f"{text[0]} {text[1:]}", f"{text[0]}\u3000{text[1:]}", f" {text}", f"{text}\u200b"]
        )
    return chance.choice([text, f"{text} ", f"\u3000{text}"])


def _plain(text: str) -> bool:
    return len(text) > 5 and read_date(text).day > date(1920, 1, 1)  # type: ignore[operator]  # a whole day was read


def _write_book(path: Path, tables: list[tuple[str, Lines]]) -> list[Written]:
    written = []
    with xlsxwriter.Workbook(path) as book:
        for sheet, lines in tables:
            page = book.add_worksheet(sheet[:31])
            for number, (cells, origin, kind) in enumerate(lines):
                page.write_row(number, 0, cells)
                written.append(Written((path.name, sheet[:31], number + 1), origin, kind))
    return written


def _write_text(path: Path, lines: Lines, chance: random.Random) -> list[Written]:
    encoding, sign = (
        chance.choice(["gb18030", "utf-8", "utf-8-sig", "utf-16"]),
        chance.choice([",", "\t", ";"]),
    )
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=sign).writerows(cells for cells, _, _ in lines)
    return [
        Written((path.name, "", number), origin, kind) for number, (_, origin, kind) in enumerate(lines, 1)
    ]
