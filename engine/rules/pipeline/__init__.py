"""A rule as one MongoDB aggregation pipeline, for customers that no mirror could hold."""
