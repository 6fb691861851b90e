"""What need a process not read for itself? What comes with the packages and never changes, read before the fork.

Imported where processes come from, and nowhere else. No thread may run there: the encoder starts its own when first
asked for several texts, its engine none.
"""

from __future__ import annotations

import gc
from functools import cache

import numpy as np

from archive.sentiment import SentimentModel
from archive.words import Keywords
from bot.settings import NluSettings
from knowledge_base.sound import sounded
from nlu import load_encoder
from nlu.word_costs import common_costs

encoder = cache(load_encoder)

encoder(NluSettings().encoder)
common_costs()
SentimentModel.load()
Keywords().of("读")
sounded(np.array([ord("读")], dtype=np.uint32))
gc.collect()
gc.freeze()  # nobody looks through it again, and its pages stay shared
