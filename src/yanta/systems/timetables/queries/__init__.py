"""Reads of timetables; no writes."""
