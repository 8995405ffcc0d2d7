"""Pages that no declaration can express."""
