"""The holder's, the outsider's, the clerk's and the machine's pages."""
