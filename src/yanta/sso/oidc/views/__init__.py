"""The addresses of OpenID Connect and OAuth."""
