"""How do operators write, try and teach what the bot says? Everything their pages read and do.

Front door: `Studio`, `build_studio`.
"""

from bot.studio.studio import Studio, build_studio

__all__ = ["Studio", "build_studio"]
