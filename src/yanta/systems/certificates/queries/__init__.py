"""What certificates are written from, and what is told of them."""
