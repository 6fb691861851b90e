"""Property tests are bound by examples, not by the clock: a busy machine is no bug."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("channels", deadline=None)
settings.load_profile("channels")
