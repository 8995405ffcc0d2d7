"""What the plans can count."""

from yanta.kernel.base.indicators import count, indicator

OWNER = "教务处"

indicator(
    "curricula.in_force", "执行中的培养方案", owner=OWNER, group="教学", unit="份", order=33, dimensions=("grade", "kind"),
    parts=count("plan", "已发布的培养方案版本", {"field": "status", "is": "eq", "value": "published"}),
)  # fmt: skip
indicator(
    "curricula.waiting", "审批中的培养方案", owner=OWNER, group="教学", unit="份", order=33, dimensions=("grade", "status"),
    parts=count("plan", "待学院审定或待教务处审核的方案", {"field": "status", "is": "in", "value": ["college", "registry"]}),
)  # fmt: skip
