"""The logs that the law wants kept: sealed in blocks, proved to be whole, handed to receivers outside."""
