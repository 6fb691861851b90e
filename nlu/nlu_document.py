"""How is a file of training data changed in one place, everything else staying as its author wrote it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nlu.entity_markup import parse_example
from nlu.problems import TrainingDataError, mistake
from nlu.rasa_writer import VERSION, block_lines_of, fits_a_line, list_lines_of, render_item
from nlu.rasa_yaml import Item, Kind, Line, nlu_part, parse_items, parse_training_data, training_files
from nlu.training_data import Example, TrainingData
from nlu.yaml_nodes import compose, last_line_of, line_of, read_source, scalar

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")  # line ends of YAML 1.2


@dataclass(frozen=True, slots=True)
class NluDocument:
    """A file as it is written. Every change gives a new document; `save` writes it.

    What a change does not name stays byte for byte: comments, order, quotes, other top-level keys, line ends.
    """

    file: Path
    text: str

    @property
    def data(self) -> TrainingData:
        """What the file says. Raises TrainingDataError with file, line and remedy."""
        return parse_training_data(self.file, self.text)

    def save(self) -> None:
        """Write the file. Raises TrainingDataError where it cannot be written."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_bytes(self.text.encode())
        except OSError as error:
            raise TrainingDataError(self.file, 1, mistake("not_allowed", error=error.strerror)) from error

    def with_examples(self, intent: str, examples: Sequence[Example]) -> NluDocument:
        """Add examples behind those that the intent has; an intent that is not there comes last.

        Raises:
            NotWritable: an example that the notation cannot hold.
            TrainingDataError: the file cannot be read, or is written in braces where lines are needed.
        """
        return self._with("intent", intent, examples)

    def without_examples(self, intent: str, texts: Collection[str]) -> NluDocument:
        """Remove the intent's examples of these texts (marks removed); an intent left with none goes too.

        Raises:
            TrainingDataError: the file cannot be read, or is written in braces where lines are needed.
        """
        return self._without("intent", intent, lambda line: parse_example(line.text)[0] in texts)

    def with_words(self, kind: Kind, name: str, words: Sequence[str]) -> NluDocument:
        """Add entries to a synonym, regex or lookup. Raises as `with_examples` does."""
        return self._with(kind, name, words)

    def without_words(self, kind: Kind, name: str, words: Collection[str]) -> NluDocument:
        """Remove entries of a synonym, regex or lookup; one left with none goes too. Raises as above."""
        return self._without(kind, name, lambda line: line.text in words)

    def _with(self, kind: Kind, name: str, examples: Sequence[Example] | Sequence[str]) -> NluDocument:
        if not examples:
            return self
        items = [item for item in self._items() if (item.kind, item.name) == (kind, name)]
        if items and (place := self._place_for(items[-1], examples)) is not None:
            return place
        return self._appended([*render_item(kind, name, examples)])

    def _place_for(self, item: Item, examples: Sequence[Example] | Sequence[str]) -> NluDocument | None:
        """Behind the last example of the item, in the form it has; None where that form cannot hold them."""
        match item.examples:
            case ScalarNode(style="|") if all(fits_a_line(each) for each in examples):
                first = _lines(self.text)[item.lines[0].number - 1]
                indent = first[: len(first) - len(first.lstrip())]
                return self._inserted(self._last(item.examples), block_lines_of(examples), indent)
            case SequenceNode(flow_style=False) if all(isinstance(each, Example) for each in examples):
                indent = " " * int(item.examples.start_mark.column)
                return self._inserted(self._last(item.examples), list_lines_of(examples), indent)
            case _:
                return None

    def _without(self, kind: Kind, name: str, goes: Callable[[Line], bool]) -> NluDocument:
        gone: set[int] = set()
        for item in self._items():
            if (item.kind, item.name) != (kind, name):
                continue
            going = [line for line in item.lines if goes(line)]
            if len(going) == len(item.lines):
                gone |= self._line_numbers(item.node)
            else:
                gone.update(*(self._numbers_of(item, line) for line in going))
        return self._less(gone) if gone else self

    def _less(self, gone: Collection[int]) -> NluDocument:
        kept = "".join(line for number, line in enumerate(_lines(self.text), 1) if number not in gone)
        return replace(self, text=kept)

    def _numbers_of(self, item: Item, line: Line) -> set[int]:
        if line.node is not None:
            return self._line_numbers(line.node)
        if isinstance(item.examples, ScalarNode) and item.examples.style == "|":
            return {line.number}
        raise TrainingDataError(self.file, line.number, mistake("in_one_line"))

    def _line_numbers(self, node: Node) -> set[int]:
        """The lines of an entry of a list, from its dash on."""
        first = line_of(node)
        if not _lines(self.text)[first - 1].lstrip("\ufeff \t").startswith("-"):
            raise TrainingDataError(self.file, first, mistake("in_braces"))
        return set(range(first, self._last(node) + 1))

    def _appended(self, lines: Sequence[str]) -> NluDocument:
        """Behind the last entry of `nlu:`; the list is begun where there is none."""
        root = compose(self.file, self.text)
        nlu = nlu_part(self.file, root)
        if nlu is not None and nlu.value:
            if nlu.flow_style:
                raise TrainingDataError(self.file, line_of(nlu), mistake("in_brackets"))
            return self._inserted(self._last(nlu), lines, " " * int(nlu.start_mark.column))
        end = len(_lines(self.text))
        if not isinstance(root, MappingNode):
            return self._inserted(end, [VERSION, "nlu:", *lines], "")
        key, empty = next(((key, value) for key, value in root.value if key.value == "nlu"), (None, None))
        if key is None:
            return self._inserted(end, ["nlu:", *lines], "")
        begun = _lines(self.text)
        if scalar(empty) != "":  # `~` or `[]` is written there
            head = begun[line_of(key) - 1]
            begun[line_of(key) - 1] = head[: int(key.end_mark.column)] + ":" + _line_end(self.text)
        return self._inserted(line_of(key), lines, "", begun)

    def _inserted(
        self, after: int, lines: Iterable[str], indent: str, whole: Sequence[str] | None = None
    ) -> NluDocument:
        """The document (or `whole`, its lines) with lines behind line `after`, counted from 1."""
        written, end = [*(_lines(self.text) if whole is None else whole)], _line_end(self.text)
        if after and not written[after - 1].endswith(("\n", "\r")):
            written[after - 1] += end
        written[after:after] = [f"{indent}{line}{end}" for line in lines]
        return replace(self, text="".join(written))

    def _last(self, node: Node) -> int:
        return last_line_of(node, _lines(self.text))

    def _items(self) -> list[Item]:
        return list(parse_items(self.file, nlu_part(self.file, compose(self.file, self.text))))


def read_document(file: Path) -> NluDocument:
    """Read a file to be changed.

    Raises:
        TrainingDataError: it cannot be read, or what it says is no training data: file, line and remedy.
    """
    document = NluDocument(file, read_source(file))
    parse_training_data(file, document.text)
    return document


def read_documents(path: Path) -> tuple[NluDocument, ...]:
    """Read a file, or every .yml and .yaml below a folder. Raises as `read_document` does."""
    return tuple(read_document(file) for file in training_files(path))


def _lines(text: str) -> list[str]:
    return _LINE.findall(text)


def _line_end(text: str) -> str:
    first = re.search(r"\r\n|\n|\r", text)
    return first[0] if first else "\n"
