"""What does a shop's understanding consist of? Built from its content, in a worker thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from bot.glance import FAQ
from knowledge_base import Script
from nlu import (
    AsyncEncoder,
    Context,
    Encoder,
    Engine,
    Example,
    Gazetteer,
    IntentModel,
    MoodHead,
    Speller,
    TrainingData,
    Understander,
)

FAQ_QUESTIONS = 3  # of each script, as examples of it
MOST_FAQ = 6_000  # examples of scripts: more would crowd out those of the intents, and any edit would change the model


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads for every shop. learns: for the shop's own texts, kept. answers: for customers' texts, shared.

    engine: reads intents in place of our model; None where we do it ourselves.
    """

    learns: Encoder
    answers: AsyncEncoder
    engine: Engine | None = None

    def understander(
        self, model: IntentModel, training: TrainingData, scripts: Sequence[Script], *, quick: bool = False
    ) -> Understander:
        """Put it together: seconds of CPU. quick: leave out what would have to be encoded first."""
        words = [example.text for example in training.examples]
        words += [question for script in scripts for question in learned_from(script)]
        words += [word for several in training.lookups.values() for word in several]
        built = Understander(
            self.answers,
            model,
            speller=Speller.of(words),
            gazetteer=Gazetteer.of(training),
            mood_head=None if quick else MoodHead.fit(self.learns),
            engine=self.engine,
        )
        built.glance("您好", Context())  # what is read when first needed is read now, not on the event loop
        return built


def faq_examples(scripts: Sequence[Script], *, each: int = FAQ_QUESTIONS) -> TrainingData:
    """What the live scripts answer, as examples of one intent; of too many, some: the same however others change."""
    questions = {question for script in scripts for question in learned_from(script)[:each]}
    chosen = nsmallest(MOST_FAQ, questions, key=_lot) if len(questions) > MOST_FAQ else sorted(questions)
    return TrainingData(tuple(Example(question, FAQ) for question in chosen))


def learned_from(script: Script | None) -> tuple[str, ...]:
    """What of a script is learned: a change of anything else teaches nothing new."""
    return script.questions if script is not None and script.state == "live" else ()


def _lot(question: str) -> bytes:
    return hashlib.blake2b(question.encode("utf-8", "replace"), digest_size=8).digest()
