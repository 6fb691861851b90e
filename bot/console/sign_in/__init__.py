"""How does somebody come in and go out? By a signed link, through WeCom, or with a password and a code.

Front door: `ROUTES`, which need no session.
"""

from aiohttp import web

from bot.console.session import OPEN
from bot.console.sign_in import codes, link, password, wecom

ROUTES = (
    web.get("/login", link.confirm, name=f"{OPEN}login"),
    web.post("/login", link.log_in, name=f"{OPEN}login"),
    web.post("/login/password", password.check, name=f"{OPEN}password"),
    web.get("/login/code", codes.ask, name=f"{OPEN}code"),
    web.post("/login/code", codes.check, name=f"{OPEN}code"),
    web.get("/login/enrol", codes.enrol, name=f"{OPEN}enrol"),
    web.post("/login/enrol", codes.confirm, name=f"{OPEN}enrol"),
    web.get("/login/picture.svg", codes.drawn, name=f"{OPEN}picture"),
    web.get("/login/wecom/{account}", wecom.begin, name=f"{OPEN}wecom"),
    web.get("/login/wecom/{account}/back", wecom.back, name=f"{OPEN}wecom_back"),
)

__all__ = ["ROUTES"]
