"""The living style page: every part in every state, for engineers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage

COLOURS = (
    "ink", "ink-solid", "ink-soft", "brick", "brick-solid", "brick-soft", "paper", "surface", "sunken", "line", "line-strong",
    "text", "text-2", "text-3", "success", "success-soft", "warning", "warning-soft", "danger", "danger-soft", "info",
    "info-soft", "chart-1", "chart-2", "chart-3", "chart-4", "chart-5",
)  # fmt: skip


class PartsView(PortalPage):
    template = "portal/parts.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.has_role("engineer"):
            raise NotAllowed("这一页给信息中心的工程师看")
        return self.page(colours=COLOURS, now=timezone.now(), chart=_chart(), moments=_moments())


def _chart() -> dict[str, Any]:
    return {
        "type": "line", "labels": ["6月", "7月", "8月", "9月", "10月", "11月"], "unit": "%",
        "series": [{"name": "完整率", "values": [81, 84, 86, 92, 95, 97]}, {"name": "及时率", "values": [70, 69, 75, 83, 88, 91]}],
    }  # fmt: skip


def _moments() -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {"what": "更正手机号", "who": "王敏", "when": now - timedelta(minutes=9), "tone": "now",
         "changes": [("手机号", "138****1234", "139****8765")]},
        {"what": "部门核对通过", "who": "学工部 李强", "when": now - timedelta(hours=5), "tone": "success"},
        {"what": "数据交换写入", "who": "系统", "when": now - timedelta(days=3), "text": "第 128 次运行，读入 20,481 行"},
        {"what": "退回", "who": "人事处 张丽", "when": now - timedelta(days=12), "tone": "danger", "text": "缺少证明材料"},
    ]  # fmt: skip
