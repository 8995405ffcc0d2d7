"""Keeping, checking, lending and handing out."""

from yanta.systems.dossiers.services import collecting
from yanta.systems.dossiers.services.collecting import collect
from yanta.systems.dossiers.services.inspecting import inspect
from yanta.systems.dossiers.services.lending import borrow, give_back, grant, refuse

__all__ = ["borrow", "collect", "collecting", "give_back", "grant", "inspect", "refuse"]
