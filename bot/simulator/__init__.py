"""The platforms for trial runs and tests: official accounts, WeCom and 微信客服, strict and unruly on demand."""

from bot.simulator.app import create_simulator
from bot.simulator.corp import AgentApp, Corp
from bot.simulator.errors import NotPossible
from bot.simulator.factory import build_world
from bot.simulator.faults import Fault, FaultKind
from bot.simulator.kf_account import KfAccount, Servicer
from bot.simulator.kf_session import State
from bot.simulator.limits import Limits
from bot.simulator.official import OfficialAccount
from bot.simulator.people import Customer, Member
from bot.simulator.threads import Line
from bot.simulator.world import World

__all__ = [
    "AgentApp",
    "Corp",
    "Customer",
    "Fault",
    "FaultKind",
    "KfAccount",
    "Limits",
    "Line",
    "Member",
    "NotPossible",
    "OfficialAccount",
    "Servicer",
    "State",
    "World",
    "build_world",
    "create_simulator",
]
