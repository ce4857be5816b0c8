"""AICleaner: tracks which rooms are due for cleaning."""
