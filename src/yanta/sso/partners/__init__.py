"""Signing in with an account of somebody else: partners, how their answers are proved, and whose person it is."""
