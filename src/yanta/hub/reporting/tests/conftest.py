"""A small package of its own over a small school, frozen twice."""

from __future__ import annotations

from datetime import date

import pytest

from yanta.hub.reporting import definitions
from yanta.hub.reporting.services import filings
from yanta.hub.snapshots import services as snapshots
from yanta.kernel.base import Actor
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.masterdata.models import Student

SYSTEM = Actor.system("test")
PACKAGE = """
code = "small"
title = "小报表"
version = "1"
clock = "9-30"
pledge = "数据真实"
due = { month = 10, day = 15 }
tables = ["D", "A", "B"]

[[checks]]
code = "P1"
title = "两表人数应一致"
left = "A.zj.n"
right = "B.zj.n"

[[checks]]
code = "P2"
title = "变动较大"
kind = "last_year"
cells = ["A.*.n"]
percent = 10
least = 1
severity = "explain"

[[checks]]
code = "P3"
title = "学号须在字典"
kind = "dictionary"
table = "D"
column = "dw"
source = ["D.xh"]
severity = "notice"
"""
TABLES = {
    "D": """
code = "D"
title = "名册"
kind = "list"
subject = "student"
owner = "教务处"
is_dictionary = true
[[columns]]
code = "xh"
path = "学号"
field = "number"
[[columns]]
code = "xb"
path = "性别"
field = "sex"
[[columns]]
code = "dw"
path = "学院"
field = "department"
[figures]
heads = "list.count"
""",
    "A": """
code = "A"
title = "人数"
subject = "student"
owner = "教务处"
verified = "样本"
[[columns]]
code = "n"
path = "人数/计"
[[columns]]
code = "w"
path = "人数/其中：女"
where = { field = "sex", is = "eq", value = "2" }
[[columns]]
code = "m"
path = "男生数"
formula = "n - w"
[[rows]]
code = "zj"
title = "总计"
[[rows]]
code = "xin"
title = "新生"
depth = 1
where = { field = "grade", is = "eq", value = "{year}" }
[[rows]]
code = "lao"
title = "老生"
depth = 1
formula = "zj - xin"
[[checks]]
code = "A1"
title = "女生不多于总数"
left = "w"
is = "le"
right = "n"
each = "row"
""",
    "B": """
code = "B"
title = "分学院"
subject = "student"
owner = "学工部"
stub = "学院"
[figures]
heads = "zj.n"
[[columns]]
code = "n"
path = "人数"
[[columns]]
code = "cj"
path = "残疾人"
manual = true
[[rows]]
code = "zj"
title = "总计"
[[rows]]
code = "xy"
title = "学院"
depth = 1
by = "department"
[[checks]]
code = "B1"
title = "总计等于各学院之和"
left = "zj"
right = "xy"
each = "column"
""",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "packages" / "small"
    folder.mkdir(parents=True)
    for name, text in {"package": PACKAGE, **TABLES}.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    monkeypatch.setattr(definitions, "FOLDER", folder.parent)
    definitions.package.cache_clear()
    yield definitions.package("small")
    definitions.package.cache_clear()


@pytest.fixture
def offices(school):
    return [OrgUnitFactory(parent=school, name="教务处"), OrgUnitFactory(parent=school, name="学工部")]


@pytest.fixture
def students(college, other_college, offices):
    drawn = [(college, "1", 2025), (college, "2", 2026), (college, "2", 2026), (other_college, "1", 2024), (other_college, "", None)]  # fmt: skip
    return [
        Student.objects.create(
            number=f"S{n}", person=PersonFactory(sex=sex), department=unit, grade=grade, level="3"
        )
        for n, (unit, sex, grade) in enumerate(drawn)
    ]


def frozen(on, clock="9-30"):
    from yanta.hub import subjects

    snapshot = snapshots.announce(clock, on, actor=SYSTEM, basis="live")
    chosen = [subjects.subject(name) for name in ("student", "organisation", "programme")]
    return snapshots.take(snapshot, chosen=chosen)


@pytest.fixture
def filing(package, students):
    frozen(date(2026, 9, 30))
    return filings.open_filing(actor=SYSTEM, package="small", period="2026")
