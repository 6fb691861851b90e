"""How do other programs read from us and hear of us? An HTTP API with tokens and scopes, and outgoing webhooks.

Front door: `add_api(app, Api(…))`, `Tokens`, `Hooks`, `HookSending`.
"""

from bot.api.app import API, Api, add_api
from bot.api.hook_events import HookEvents
from bot.api.hook_sending import HookSending
from bot.api.hooks import Delivery, Hook, HookInvalid, Hooks
from bot.api.reads import ApiReads
from bot.api.scopes import EVENTS, Scope
from bot.api.tokens import Token, Tokens

__all__ = [
    "API",
    "EVENTS",
    "Api",
    "ApiReads",
    "Delivery",
    "Hook",
    "HookEvents",
    "HookInvalid",
    "HookSending",
    "Hooks",
    "Scope",
    "Token",
    "Tokens",
    "add_api",
]
