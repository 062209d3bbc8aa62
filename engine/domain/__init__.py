"""Frozen models of what the product is about. No input or output happens here."""
