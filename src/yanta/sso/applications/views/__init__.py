"""Pages of single sign-on that no declaration can express."""
