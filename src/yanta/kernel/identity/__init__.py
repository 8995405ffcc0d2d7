"""One identity for everything: accounts, passwords, second factors, sessions, tokens, lockout."""
