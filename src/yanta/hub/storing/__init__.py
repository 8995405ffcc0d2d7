"""Writing what a run found into the database: sets, COPY, one transaction."""
