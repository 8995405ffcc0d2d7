"""Verbs of sharing."""

from yanta.hub.sharing.services import applications, catalogue, consumers, deliveries, grants

__all__ = ["applications", "catalogue", "consumers", "deliveries", "grants"]
