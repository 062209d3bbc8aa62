"""MongoDB's customers and orders as Polars frames and DuckDB tables, one snapshot at a time."""
