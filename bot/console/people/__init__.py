"""Who works with the console, and may do what? People and their roles for admins; one's own sign-in for everybody.

Front door: `PAGES`.
"""

from typing import Final

from bot.access import Right
from bot.console.page import Page
from bot.console.people import acts, editing, listing, me

_PERSON: Final = r"/people/{person:[A-Za-z0-9][A-Za-z0-9._@-]{0,63}}"
_WRITE: Final = Right.PEOPLE_WRITE

PAGES = (
    Page("GET", "/people", listing.people_page, _WRITE),
    Page("GET", "/people/~new", editing.new_page, _WRITE),
    Page("POST", "/people/~new", editing.add, _WRITE),
    Page("GET", _PERSON, editing.person_page, _WRITE),
    Page("POST", _PERSON, editing.change, _WRITE),
    Page("POST", f"{_PERSON}/active", acts.set_active, _WRITE),
    Page("POST", f"{_PERSON}/password", acts.first_password, _WRITE),
    Page("POST", f"{_PERSON}/second-factor", acts.remove_second_factor, _WRITE),
    Page("POST", f"{_PERSON}/sessions", acts.end_sessions, _WRITE),
    Page("GET", "/me", me.my_page, Right.ANY),
    Page("POST", "/me/password", me.change_password, Right.ANY),
    Page("POST", "/me/recovery", me.new_codes, Right.ANY),
    Page("POST", "/me/sessions", me.end_others, Right.ANY),
)

__all__ = ["PAGES"]
