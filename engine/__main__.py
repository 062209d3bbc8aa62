"""``python -m engine``: the command line."""

from engine.cli import app

if __name__ == "__main__":
    app()
