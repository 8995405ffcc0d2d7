"""Rows that keep the rules of the models."""

from datetime import date

from yanta.sso.seals.models import Seal

EXAMPLES = {Seal: lambda n: {"name": f"雁塔大学样例{n}", "valid_from": date(2026, 1, 1), "valid_to": None}}
