"""How is what the archive knows shown on a page of its own? Front door: `render_report`."""

from bot.archive_pages.rendering import render_report

__all__ = ["render_report"]
