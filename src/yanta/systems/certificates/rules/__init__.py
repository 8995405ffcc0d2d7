"""Who may have a certificate, what stands on it, what it is worth now. Pure."""
