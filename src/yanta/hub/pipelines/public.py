"""What other packages may ask about pipelines."""

from __future__ import annotations

from yanta.hub.pipelines.declared import Declaration, pipeline
from yanta.hub.pipelines.documents import Pair

__all__ = ["Declaration", "Pair", "pipeline"]
