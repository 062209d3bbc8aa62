"""What stands before every address of the pages: Streamlit's option server.baseUrlPath."""

from __future__ import annotations


def base_path(option: object) -> str:
    """Return the option as addresses begin with it: ``/crm``, or nothing."""
    path = str(option or "").strip("/")
    return f"/{path}" if path else ""


def below(path: str, base: str) -> str:
    """Return a path without the base; as it is where it does not begin with it."""
    return path.removeprefix(base) if path.startswith(f"{base}/") else path
