"""Verbs of sharing."""

from yanta.hub.sharing.services import agreements, applications, catalogue, consumers, deliveries, grants

__all__ = ["agreements", "applications", "catalogue", "consumers", "deliveries", "grants"]
