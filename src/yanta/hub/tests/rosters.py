"""Small deliveries of two departments, as files."""

from __future__ import annotations

import csv
from pathlib import Path

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(birth: str, serial: int) -> str:
    """A right number of 西安市雁塔区."""
    digits = f"610113{birth.replace('-', '')}{serial:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


PEOPLE = [
    ("2023010101", "张思玥", "女", "2005-02-09", 102), ("2023010102", "曹奕瑜", "女", "2005-12-25", 104),
    ("2023010103", "刘紫萱", "女", "2004-11-06", 106), ("2023010104", "赵建国", "男", "2004-01-17", 101),
    ("2023010105", "欧阳子墨", "男", "2005-06-30", 103), ("2023010106", "孙浩然", "男", "2005-03-08", 105),
]  # fmt: skip
ACADEMIC = [
    "学号",
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "院系名称",
    "专业",
    "班级",
    "年级",
    "学籍状态",
    "联系电话",
]
FINANCE = ["收款人编号", "姓名", "身份证号", "银行账号", "开户行", "手机", "登记日期"]


def academic_rows() -> list[list[str]]:
    return [
        [number, name, sex, birth, identity_number(birth, serial), "机电工程学院", "智能制造工程", "智造2301", "2023",
         "在读", f"1691234{serial:04d}"]
        for number, name, sex, birth, serial in PEOPLE
    ]  # fmt: skip


def finance_rows() -> list[list[str]]:
    return [
        [f"S{number}", name, identity_number(birth, serial), f"62998000000{serial:08d}", "工行", f"1691234{serial:04d}",
         "2023-09-10"]
        for number, name, sex, birth, serial in PEOPLE
    ]  # fmt: skip


def write(
    folder: Path, *, academic: list[list[str]] | None = None, finance: list[list[str]] | None = None
) -> Path:
    """Two files as the departments send them; None leaves a file out."""
    folder.mkdir(exist_ok=True)
    for name, header, rows in (
        ("教务处_本科生学籍.csv", ACADEMIC, academic), ("财务处_收款人.csv", FINANCE, finance)
    ):  # fmt: skip
        (folder / name).unlink(missing_ok=True)
        if rows is not None:
            with (folder / name).open("w", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream).writerows([header, *rows])
    return folder


def write_both(folder: Path) -> Path:
    return write(folder, academic=academic_rows(), finance=finance_rows())
