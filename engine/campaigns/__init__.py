"""Campaigns from draft to launch: lifecycle and message templates."""
