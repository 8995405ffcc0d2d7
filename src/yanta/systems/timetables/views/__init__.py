"""Pages that no declaration expresses: weeks, calendars, the registry's board, versions side by side, use of rooms."""
