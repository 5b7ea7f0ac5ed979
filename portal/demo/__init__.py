"""The sample world and what only a demonstration needs. Never loaded in production."""
