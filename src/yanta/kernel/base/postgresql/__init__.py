"""PostgreSQL as Django knows it, asked one question less a request."""
