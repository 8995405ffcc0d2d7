"""Rows of the warehouse whose made-up values would break a rule."""

from yanta.hub.warehouse.models import Disagreement, Export, Indicator, IndicatorVersion, SameFigure

EXAMPLES = {
    Indicator: lambda n: {"code": f"sample.n{n}", "owner": "教务处"},
    IndicatorVersion: lambda n: {"parts": {"n": {"subject": "student", "title": "学生"}}, "expression": "n"},
    SameFigure: lambda n: {"left": "indicator:student.count", "right": f"published:{n}"},
    Disagreement: lambda n: {
        "left_story": [["名称", "甲"], ["链接", "/"]],
        "right_story": [["名称", "乙"], ["链接", "/"]],
    },
    Export: lambda n: {"number": f"E2026{n:06d}", "reason": "样例"},
}
