"""Who may do what? Rights, the roles that carry them, and people who have roles.

Front door: `Right`, `Role`, `rights_of(roles)`.
"""

from bot.access.rights import Right, Role, rights_of

__all__ = ["Right", "Role", "rights_of"]
