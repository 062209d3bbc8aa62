"""Benchmarks: seeded data, and the same question asked of the engine and of its peers."""
