"""Calendars: everything that has a time in a person's life at the school, on a page, as a feed, by CalDAV."""

from yanta.kernel.calendar.declare import Calendar, Entry, calendar

__all__ = ["Calendar", "Entry", "calendar"]
