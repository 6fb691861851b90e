"""Are settings of the console refused that would open it to strangers?"""

from __future__ import annotations

import pytest

from bot.console_settings import ConsoleSettings


def test_only_a_simulator_on_this_machine_may_frame_it() -> None:
    assert ConsoleSettings(sidebar_frame="http://127.0.0.1:8081").sidebar_frame
    for elsewhere in ("https://evil.example", "http://127.0.0.1:8081/", "http://127.0.0.1.evil.example", "*"):
        with pytest.raises(ValueError, match="simulator on this machine"):
            ConsoleSettings(sidebar_frame=elsewhere)
