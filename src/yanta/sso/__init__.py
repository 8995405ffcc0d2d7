"""The doors to one identity: one registry of applications, one sign-on session, every standard protocol."""
