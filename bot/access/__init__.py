"""Who may do what? Rights, the roles that carry them, people who have roles, their ways in, and what they did.

Front door: `Right`, `Role`, `rights_of(roles)`; `Person`; `Access`, built by `build_access(…)`; and for every module
`Audit.record(connection, Action.…, by=Actor(…), on=…, reason=…)`.
"""

from bot.access.access import Access, AuditLog, build_access
from bot.access.audit import Action, Actor, Audit
from bot.access.audit_reading import Wanted
from bot.access.chain import Broken, Head, Record
from bot.access.local_accounts import LocalAccounts, Passed, Resting, Wrong
from bot.access.passwords import Passwords, Weak, weakness
from bot.access.person import Obstacle, Person, PersonRefused
from bot.access.rights import Right, Role, rights_of
from bot.access.second_factor import picture
from bot.access.sessions import Session, Sessions, Way
from bot.access.wecom_sign_in import WeComApp, WeComSignIn

__all__ = [
    "Access",
    "Action",
    "Actor",
    "Audit",
    "AuditLog",
    "Broken",
    "Head",
    "LocalAccounts",
    "Obstacle",
    "Passed",
    "Passwords",
    "Person",
    "PersonRefused",
    "Record",
    "Resting",
    "Right",
    "Role",
    "Session",
    "Sessions",
    "Wanted",
    "Way",
    "WeComApp",
    "WeComSignIn",
    "Weak",
    "Wrong",
    "build_access",
    "picture",
    "rights_of",
    "weakness",
]
