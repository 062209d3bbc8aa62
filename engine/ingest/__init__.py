"""From files and requests to customers and orders: read, map, check, upsert."""
