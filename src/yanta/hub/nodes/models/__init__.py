"""Tables of the register, of what goes up, of what comes in, and of the region."""

from yanta.hub.nodes.models.incoming import Arrival, ArrivalChunk, HeldRow, Notice
from yanta.hub.nodes.models.outgoing import FeedbackItem, Package, PackagePart, Stream
from yanta.hub.nodes.models.receipts import Receipt
from yanta.hub.nodes.models.region import Figure, Holding, RegionalRow, SharedPerson
from yanta.hub.nodes.models.register import Node, NodeKey, Refusal, SpentNonce

__all__ = [
    "Arrival", "ArrivalChunk", "FeedbackItem", "Figure", "HeldRow", "Holding", "Node", "NodeKey", "Notice", "Package",
    "PackagePart", "Receipt", "Refusal", "RegionalRow", "SharedPerson", "SpentNonce", "Stream",
]  # fmt: skip
