"""How well words become rules, on utterances written by hand."""
