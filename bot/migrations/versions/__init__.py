"""The history, oldest first."""
