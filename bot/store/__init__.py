"""bot's SQL."""
