"""The addresses of the protocol, under `/saml/`, and the page that takes metadata."""
