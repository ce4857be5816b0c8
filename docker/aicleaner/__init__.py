"""AICleaner: keeps track of which room is due for cleaning."""
