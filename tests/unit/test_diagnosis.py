"""What the doctor says of the language model, without asking it."""

from __future__ import annotations

from engine import diagnosis
from engine.settings import Settings


def test_the_model_is_named_with_its_address_and_never_its_key() -> None:
    settings = Settings.model_validate(
        {"gemini_api_key": "geheim", "gemini_endpoint": "https://gateway.example"}
    )
    found = diagnosis.model(settings)
    assert found.ok
    assert found.text.startswith("gemini-3.5-flash-lite at https://gateway.example")
    assert "geheim" not in found.text
