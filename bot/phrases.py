"""What does 店小二 say of its own accord? One catalogue, Chinese first; a pack may override any sentence."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources


class PhraseError(Exception):
    """A phrase is unknown or does not fit. kind: of bot/content/problems.toml, with the values it names."""

    def __init__(self, kind: str, **values: str) -> None:
        super().__init__(f"{kind}: {values}")
        self.kind, self.values = kind, values


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences by "section.name", with {placeholders}."""

    sentences: Mapping[str, str]

    def say(self, name: str, **values: object) -> str:
        """The sentence `name`, filled in. Raises KeyError for a name not in the catalogue."""
        return self.sentences[name].format(**values)

    def with_overrides(self, overrides: Mapping[str, str]) -> Phrases:
        """The catalogue with a pack's own wordings. Raises PhraseError naming the wrong one."""
        for name, sentence in overrides.items():
            if name not in self.sentences:
                raise PhraseError("no_phrase", name=name)
            unknown = _fields(name, sentence) - _fields(name, self.sentences[name])
            if unknown:
                raise PhraseError("no_placeholder", name=name, field=min(unknown))
        return Phrases({**self.sentences, **overrides})


def _read() -> Phrases:
    text = resources.files("bot").joinpath("phrases.toml").read_text(encoding="utf-8")
    sections: dict[str, dict[str, str]] = tomllib.loads(text)
    return Phrases({f"{section}.{name}": said for section, names in sections.items() for name, said in names.items()})


_DEFAULT = _read()  # at import: nobody's first sentence waits for a file


def default_phrases() -> Phrases:
    """The catalogue that ships with 店小二."""
    return _DEFAULT


def _fields(name: str, sentence: str) -> set[str]:
    try:
        return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
    except ValueError as error:
        raise PhraseError("unbalanced_braces", name=name) from error
