"""Tables of certificates, seals, applications and the register."""

from yanta.sso.seals.models.certificates import Certificate
from yanta.sso.seals.models.register import Impression, SignedDocument
from yanta.sso.seals.models.requests import RequestFile, SealRequest
from yanta.sso.seals.models.seals import Seal

__all__ = ["Certificate", "Impression", "RequestFile", "Seal", "SealRequest", "SignedDocument"]
