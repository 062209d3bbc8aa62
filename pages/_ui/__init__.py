"""What pages share: the engine handle, formats, tables, messages, places and state."""
