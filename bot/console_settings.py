"""How do people get into the console, and how long do they stay? The settings' section `console`."""

from __future__ import annotations

import re
from typing import Final

from pydantic import Field, field_validator

from bot.archive_settings import Section

_ON_THIS_MACHINE: Final = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")


class ConsoleSettings(Section):
    """Sessions, where WeCom proves who somebody is, and what agents are told."""

    session_s: int = Field(default=12 * 3_600, ge=60, description="a session's longest life: one shift")
    idle_s: int = Field(default=2 * 3_600, ge=60, description="a session without a request ends after this")
    proxies: int = Field(default=0, ge=0, le=8, description="reverse proxies before us that add X-Forwarded-For")
    wecom_authorize_url: str = Field(
        default="https://open.weixin.qq.com/connect/oauth2/authorize", description="§4.7: sign-in inside WeCom"
    )
    wecom_qr_url: str = Field(
        default="https://login.work.weixin.qq.com/wwlogin/sso/login", description="§4.7: sign-in by QR code"
    )
    watch_disclosed: bool = Field(
        default=True, description="whether an agent is told that a supervisor watches her conversation"
    )
    sidebar_frame: str = Field(
        default="",
        description="trial runs on one machine: origin of the simulator, whose WeCom client embeds the sidebar",
    )

    @field_validator("sidebar_frame")
    @classmethod
    def _is_on_this_machine(cls, value: str) -> str:
        """The frame's owner answers what else WeCom answers: who the customer is, and that words were sent."""
        if value and not _ON_THIS_MACHINE.fullmatch(value):
            message = (
                "only the origin of a simulator on this machine, e.g. http://127.0.0.1:8081; leave it empty for WeCom"
            )
            raise ValueError(message)
        return value
