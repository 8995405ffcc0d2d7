"""The calendar page, secret feeds, CalDAV."""
