"""A grammar of our own for the common phrases: it needs no key, no network, and never guesses."""
