"""What the pipelines keep: pipelines and their versions, runs, held-back rows, receipts."""

from yanta.hub.pipelines.models.pipelines import Claim, Pipeline, Version
from yanta.hub.pipelines.models.receipts import PipelineReceipt, ReceiptCopy
from yanta.hub.pipelines.models.runs import HeldRow, PipelineRun, RunPart

__all__ = [
    "Claim",
    "HeldRow",
    "Pipeline",
    "PipelineReceipt",
    "PipelineRun",
    "ReceiptCopy",
    "RunPart",
    "Version",
]
