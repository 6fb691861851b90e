"""How does everything go that we keep of a customer? The steps of a purge, built together."""

from bot.forgetting.dossier import Dossier
from bot.forgetting.people import Person, UnknownCustomer, find_person
from bot.forgetting.purging import build_purger
from bot.forgetting.sweep import withdrawn_again

__all__ = ["Dossier", "Person", "UnknownCustomer", "build_purger", "find_person", "withdrawn_again"]
