"""Weeks, class sizes, shares, workload, and what clashes before any timetable is made. Pure."""
