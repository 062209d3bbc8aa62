"""Batches on their way to MongoDB through a broker: published by the API, taken by consumers."""
