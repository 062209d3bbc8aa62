"""The HTTP API: one FastAPI application, mounted at ``/api`` beside the pages, or served alone."""
