"""Where do people work? The workbench: who waits, what was said, taking, answering, giving back.

Front door: `setup_console(app, Console(…))` and `login_link(…)`.
"""

from bot.console.app import setup_console
from bot.console.console import CONSOLE, Console
from bot.console.login import login_link

__all__ = ["CONSOLE", "Console", "login_link", "setup_console"]
