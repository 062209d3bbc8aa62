"""Words to rules and messages: a grammar of our own, and a language model that only proposes."""
