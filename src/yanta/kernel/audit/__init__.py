"""Audit: who did what to which record, in a chain that shows every later change."""

from yanta.kernel.audit.writing import Line, record, record_all

__all__ = ["Line", "record", "record_all"]
