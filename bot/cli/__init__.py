"""What can be typed? One command, `xiaoer`; each file here holds one group of its subcommands."""

from bot.cli.app import app

__all__ = ["app"]
