"""Freezing an audience into deliveries and sending them: claim, send, record."""
