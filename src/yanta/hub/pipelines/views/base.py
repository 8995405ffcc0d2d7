"""What every page of pipelines asks for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from yanta.hub.pipelines import queries
from yanta.hub.pipelines.models import Pipeline
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage

TONES = {"green": "success", "yellow": "warning", "red": "danger", "grey": ""}
STATE_TONES = {
    "done": "success", "previewed": "info", "running": "info", "stopped": "danger", "failed": "danger",
    "interrupted": "warning", "cancelled": "",
}  # fmt: skip


class PipelinePage(PortalPage):
    """For those who may see pipelines at all."""

    permission = "pipelines.pipeline.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("您没有数据管道的这项权限", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)

    def pipeline(self, code: str) -> Pipeline:
        return get_object_or_404(
            queries.visible_pipelines(self.actor).select_related("owner", "receiver"), code=code
        )
