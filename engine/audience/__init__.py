"""Whom a rule holds: preview, members, sample."""
