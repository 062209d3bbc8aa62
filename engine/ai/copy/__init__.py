"""Message copy: variants for a goal, a tone and a channel, each checked before anybody sees it."""
