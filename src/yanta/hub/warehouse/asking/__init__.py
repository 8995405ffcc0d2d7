"""Questions people compose of subjects, fields and conditions."""
