"""Which files hold the examples of an intent, and how do they read after a change? Pure, and to run in a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content.pack import INTENTS_FOLDER
from nlu import Example, NluDocument, NotWritable, TrainingDataError

NEW_FILE = f"{INTENTS_FOLDER}/console.yml"  # where an intent goes that no file has
_NOTHING = 'version: "3.1"\nnlu: []\n'


class NotTaken(Exception):  # noqa: N818 - reads as the fact it is
    """An example cannot be taken. reason: twice | unwritable | unknown | unreadable | overtaken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class IntentFiles:
    """The files below the folder of intents, text by name. Every change gives the files that it changes."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, files: Mapping[str, str]) -> IntentFiles:
        """Those of a content's files that may hold intents."""
        return cls({name: text for name, text in sorted(files.items()) if _holds_intents(name)})

    def examples(self) -> list[tuple[str, Example]]:
        """Every example with the name of its file."""
        return [(name, each) for name in self.texts for each in self._document(name).data.examples]

    def added(self, intent: str, texts: Sequence[str]) -> Mapping[str, str]:
        """With examples added; raises NotTaken where one is there already, or no line can hold it."""
        known = self.examples()
        if len(set(texts)) != len(texts) or {each.text for _, each in known} & set(texts):
            raise NotTaken("twice")
        home = next((name for name, each in known if each.intent == intent), NEW_FILE)
        examples = [Example(text, intent) for text in texts]
        return self._changed(home, lambda document: document.with_examples(intent, examples))

    def removed(self, intent: str, text: str) -> Mapping[str, str]:
        """With one example less."""
        home, _ = self._find(intent, text)
        return self._changed(home, lambda document: document.without_examples(intent, {text}))

    def moved(self, intent: str, text: str, to: str) -> Mapping[str, str]:
        """With one example, its marks and metadata, behind those of another intent."""
        _, example = self._find(intent, text)
        without = self.removed(intent, text)
        then = IntentFiles({**self.texts, **without})
        home = next((name for name, each in then.examples() if each.intent == to), NEW_FILE)
        moved = replace(example, intent=to)
        return {**without, **then._changed(home, lambda document: document.with_examples(to, [moved]))}

    def _find(self, intent: str, text: str) -> tuple[str, Example]:
        for name, each in self.examples():
            if (each.intent, each.text) == (intent, text):
                return name, each
        raise NotTaken("unknown")

    def _changed(self, name: str, change: Callable[[NluDocument], NluDocument]) -> Mapping[str, str]:
        try:
            changed = change(self._document(name))
            _ = changed.data  # what cannot be read again is not kept
        except NotWritable as error:
            raise NotTaken("unwritable") from error
        except TrainingDataError as error:
            raise NotTaken("unreadable") from error
        return {name: changed.text}

    def _document(self, name: str) -> NluDocument:
        return NluDocument(Path(name), self.texts.get(name) or _NOTHING)


def _holds_intents(name: str) -> bool:
    return name.startswith(f"{INTENTS_FOLDER}/") and name.endswith((".yml", ".yaml"))
