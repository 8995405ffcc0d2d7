"""The nouns of sharing."""

from yanta.hub.sharing.models.agreeing import Agreement
from yanta.hub.sharing.models.catalogue import Consent, Dataset, DatasetVersion
from yanta.hub.sharing.models.delivering import FileDelivery, Push, SchemaAccess, Subscription
from yanta.hub.sharing.models.granting import (
    Application,
    Consumer,
    Decision,
    FileKind,
    FileSchedule,
    Grant,
    Way,
)
from yanta.hub.sharing.models.reading import Nonce, Pace, ReadEntry, UsageDay

__all__ = [
    "Agreement",
    "Application",
    "Consent",
    "Consumer",
    "Dataset",
    "DatasetVersion",
    "Decision",
    "FileDelivery",
    "FileKind",
    "FileSchedule",
    "Grant",
    "Nonce",
    "Pace",
    "Push",
    "ReadEntry",
    "SchemaAccess",
    "Subscription",
    "UsageDay",
    "Way",
]
