"""How well words become rules: utterances with the members they mean, and the figures."""
