"""What is certified, to whom, how it is shown to others."""

from yanta.systems.certificates.models.issued import Batch, Certificate
from yanta.systems.certificates.models.kinds import Kind, OfficialName
from yanta.systems.certificates.models.kiosks import Kiosk
from yanta.systems.certificates.models.sharing import Share, ShareView
from yanta.systems.certificates.models.statements import Income, Mark

__all__ = ["Batch", "Certificate", "Income", "Kind", "Kiosk", "Mark", "OfficialName", "Share", "ShareView"]
