"""What goes wrong here has one root."""


class AccessError(Exception):
    """Something about people and their rights cannot be done; the message says what."""
