"""What do we learn from? Utterances with intents and entities, in plain values."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of a text: characters `start` to `end` (exclusive) of the text as given, and what they mean.

    value: normalised where that is known ("2 瓶" → "2"), otherwise what is written.
    """

    type: str
    start: int
    end: int
    value: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance, marks removed.

    intent: "name", or "group/name" for a retrieval intent. metadata: what the file says about it, as JSON has it.
    """

    text: str
    intent: str
    entities: tuple[Entity, ...] = ()
    metadata: object = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything of one file or folder.

    synonyms: value → the ways it is written. regexes: name → patterns. lookups: name → words.
    metadata: intent → what the file says about it, as JSON has it.
    """

    examples: tuple[Example, ...] = ()
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    regexes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lookups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that have an example, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))

    def thinned(self, each: int) -> TrainingData:
        """The first `each` examples of each intent: for a quick first model while the whole is learned."""
        taken: Counter[str] = Counter()
        kept: list[Example] = []
        for example in self.examples:
            taken[example.intent] += 1
            if taken[example.intent] <= each:
                kept.append(example)
        return replace(self, examples=tuple(kept))

    def grouped(self) -> TrainingData:
        """The same with the examples of each intent side by side, intents by their first appearance."""
        place = {intent: number for number, intent in enumerate(dict.fromkeys(each.intent for each in self.examples))}
        return replace(self, examples=tuple(sorted(self.examples, key=lambda each: place[each.intent])))

    def fingerprint(self) -> str:
        """Hash of what an intent model learns from; the order of examples does not matter."""
        digest = hashlib.sha256()
        for line in sorted(f"{example.intent}\0{example.text}" for example in self.examples):
            digest.update(line.encode("utf-8", "replace") + b"\n")
        return digest.hexdigest()[:32]

    def __add__(self, other: TrainingData) -> TrainingData:
        """Both together; a name that both have keeps the entries of both, and the metadata of `other`."""
        return TrainingData(
            self.examples + other.examples,
            _joined(self.synonyms, other.synonyms),
            _joined(self.regexes, other.regexes),
            _joined(self.lookups, other.lookups),
            self.metadata | other.metadata,
        )


def _joined(one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(dict.fromkeys(one.get(name, ()) + other.get(name, ()))) for name in dict.fromkeys([*one, *other])
    }
