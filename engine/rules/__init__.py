"""What acts on the rule tree: catalogue, codec, validation, leaf SQL, bitmaps, plain words."""
