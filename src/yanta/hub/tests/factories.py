"""Where a made-up value would be no element of the hub."""

from yanta.hub.models import Correction
from yanta.kernel.base import ciphers

EXAMPLES = {Correction: lambda serial: {"element": "phone", "proposed": ciphers.seal(f"1390000{serial:04d}")}}
