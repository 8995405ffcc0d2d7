"""What accounts can count."""

from yanta.kernel.base.indicators import count, indicator

indicator(
    "identity.open_findings", "待处理账号问题", owner="信息中心", group="信息化", unit="个", better="lower", order=92,
    dimensions=("kind",),
    parts=count("account_finding", "账号核查发现、尚未说明也未消除的问题", {"field": "state", "is": "eq", "value": "open"}),
)  # fmt: skip
