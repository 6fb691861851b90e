"""What does a shop's understanding consist of? Built from its content, in a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        words += [question for script in scripts if script.state == "live" for question in script.questions]
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
    """What the live scripts answer, as examples of one intent."""
    live = (script for script in scripts if script.state == "live")
    return TrainingData(tuple(Example(question, FAQ) for script in live for question in script.questions[:each]))
