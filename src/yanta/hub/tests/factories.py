"""Where a made-up value would be no element of the hub."""

from yanta.hub.models import Correction

EXAMPLES = {Correction: {"element": "phone", "proposed": b""}}
