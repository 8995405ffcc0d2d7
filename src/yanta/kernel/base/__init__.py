"""What every storey stands on: actors, refusals, records, sealed fields, manifests."""

from yanta.kernel.base.actor import Actor, Grant, Reach
from yanta.kernel.base.manifest import KernelConfig, System, areas, installed_systems
from yanta.kernel.base.refused import Refused

__all__ = ["Actor", "Grant", "KernelConfig", "Reach", "Refused", "System", "areas", "installed_systems"]
