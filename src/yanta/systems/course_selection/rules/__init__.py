"""Pure functions: weeks as bitmaps, refusals in words, the lottery."""
