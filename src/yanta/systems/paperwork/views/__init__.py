"""Pages of forms."""

from yanta.systems.paperwork.views.mapping import DecideView, MapView, SlotView
from yanta.systems.paperwork.views.own import MineView, OwnFileView, OwnView, PhotoView, SignatureView
from yanta.systems.paperwork.views.results import (
    BatchView,
    LayoutView,
    NewBatchView,
    SourceView,
    TryFileView,
    TryView,
)

__all__ = [
    "BatchView", "DecideView", "LayoutView", "MapView", "MineView", "NewBatchView", "OwnFileView", "OwnView", "PhotoView", "SignatureView",
    "SlotView",
    "SourceView", "TryFileView", "TryView",
]  # fmt: skip
