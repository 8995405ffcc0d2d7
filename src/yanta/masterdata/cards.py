"""Pages of the master data that no noun leads to."""

from __future__ import annotations

from yanta.kernel.portal.cards import Place, places
from yanta.masterdata import activating


@places
def activation() -> list[Place]:
    """How far the first activation is."""
    return [
        Place(
            "激活进度", "/activation/", "平台", icon="user-check", summary="新生账号激活到哪一步，按学院、班级、辅导员看谁还没有",
            permission=activating.VIEW, app="identity",
        )
    ]  # fmt: skip
