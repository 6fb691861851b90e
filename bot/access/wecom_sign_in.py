"""Who does WeCom say somebody is? The addresses its sign-in begins at, and the code that comes back.

Source: wechat-platform §4.7: developer.work.weixin.qq.com/document/path/91022 (in the client), 98151 (by QR code),
91023 (auth/getuserinfo).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.platform import PlatformClient
from bot.platform.calls.directory import get_user_info


@dataclass(frozen=True, slots=True)
class WeComApp:
    """The self-built app that people sign in through. account: its name in the settings."""

    account: str
    corp_id: str
    agent_id: int


@dataclass(frozen=True, slots=True)
class WeComSignIn:
    """Sign-in through WeCom. apps: by account."""

    platform: PlatformClient
    apps: Mapping[str, WeComApp]
    authorize_url: str
    qr_url: str

    def begins_at(self, app: WeComApp, *, back: str, state: str, in_client: bool) -> str:
        """Where the browser goes. back: our address, whose domain must be the app's trusted one (50001).

        in_client: inside WeCom nobody is asked anything (snsapi_base); elsewhere a QR code is scanned.
        """
        if in_client:
            query = {
                "appid": app.corp_id,
                "redirect_uri": back,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
                "agentid": app.agent_id,
            }
            return f"{self.authorize_url}?{urlencode(query)}#wechat_redirect"
        query = {
            "login_type": "CorpApp",
            "appid": app.corp_id,
            "agentid": app.agent_id,
            "redirect_uri": back,
            "state": state,
        }
        return f"{self.qr_url}?{urlencode(query)}"

    async def userid(self, app: WeComApp, code: str) -> str | None:
        """The member behind a code; None for outsiders. A code serves once, for five minutes.

        Raises bot.platform.PlatformError.
        """
        found = await self.platform.call(app.account, get_user_info(code))
        userid = found.get("userid")
        return userid if isinstance(userid, str) and userid else None
