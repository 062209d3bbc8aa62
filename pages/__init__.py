"""The pages. ``shell.py`` is the only script Streamlit runs; it runs the others."""
