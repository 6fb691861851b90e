"""How good or bad is the mood of a text? A linear model over hashed runs of characters, in one small file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.sentiment.arrays import Arrays, read_arrays, write_arrays
from archive.sentiment.calibration import Calibration
from archive.sentiment.goods import GoodsGate
from archive.sentiment.grams import Columns, Grams, crossed, grams

_FORMAT = 1
_SHIPPED = "shipped.npz"
_AT_ONCE = 4096  # texts whose runs are held in memory together
_STEPS = 127  # of a byte, on each side of 0

Scores = NDArray[np.float32]


class ModelUnreadable(Exception):  # noqa: N818 - reads as the fact it is
    """A file is no sentiment model; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SentimentModel:
    """What was learned, ready to score.

    weights: [2**bits] int8, the pull of each column; lengths: [2**bits] uint8, how much it counts in the length of a
    text. Both hold square roots in steps of a byte: small values matter, and a table fits the processor's cache.
    steps: the largest pull and length. unseen: the length of a column that was never learned (byte 0). gate: tells
    the kind of goods, None where none was learned.
    """

    weights: NDArray[np.int8]
    lengths: NDArray[np.uint8]
    steps: tuple[float, float]
    unseen: float
    bias: float
    calibration: Calibration
    gate: GoodsGate | None
    sources: tuple[str, ...] = ()

    @property
    def bits(self) -> int:
        """Two to this power columns."""
        return len(self.weights).bit_length() - 1

    def scores(self, texts: Sequence[str]) -> Scores:
        """[texts] in [-1, 1]: -1 certainly bad, 1 certainly good, near 0 neither; a text without known runs is 0."""
        parts = [self._scores(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)]
        return np.concatenate([np.zeros(0, np.float32), *parts])

    def _scores(self, texts: Sequence[str]) -> Scores:
        found = columns_of(texts, self.gate, bits=self.bits)
        pulls, squares = self._tables()
        pull = _summed(pulls[self.weights[found.columns].astype(np.int64) + _STEPS], found)
        known = _summed((self.lengths[found.columns] > 0).astype(np.float64), found) > 0
        square = _summed(squares[self.lengths[found.columns]], found)
        distances = np.where(known, pull / np.sqrt(np.where(known, square, 1)) + self.bias, 0)
        return self.calibration.scores(distances).astype(np.float32)

    def _tables(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each byte stands for: a pull (from -127 on), a squared length."""
        signed = np.arange(-_STEPS, _STEPS + 1) / _STEPS
        rising = np.arange(256) / 255
        squares = (rising**2 * self.steps[1]) ** 2
        squares[0] = self.unseen**2
        return np.sign(signed) * signed**2 * self.steps[0], squares

    @classmethod
    def of(
        cls,
        *,
        pulls: NDArray[np.float64],
        lengths: NDArray[np.float64],
        unseen: float,
        bias: float,
        calibration: Calibration,
        gate: GoodsGate | None,
        sources: Sequence[str] = (),
    ) -> SentimentModel:
        """Put learned numbers into bytes; pulls (signed) and lengths (from 0) per column."""
        most = (float(np.abs(pulls).max(initial=1e-9)), float(lengths.max(initial=1e-9)))
        return cls(
            weights=np.rint(np.sign(pulls) * np.sqrt(np.abs(pulls) / most[0]) * _STEPS).astype(np.int8),
            lengths=np.ceil(np.sqrt(lengths / most[1]) * 255).astype(np.uint8),
            steps=most,
            unseen=unseen,
            bias=bias,
            calibration=calibration,
            gate=gate,
            sources=tuple(sources),
        )

    def save(self, file: Path) -> None:
        """Write all to one file, whole or not at all."""
        arrays: dict[str, NDArray[Any]] = {"weights": self.weights, "lengths": self.lengths}
        about = {
            "format": _FORMAT,
            "steps": self.steps,
            "unseen": self.unseen,
            "bias": self.bias,
            "slope": self.calibration.slope,
            "margin": self.calibration.margin,
            "sources": self.sources,
            "goods": self.gate.goods if self.gate else (),
        }
        if self.gate:
            arrays |= {"gate": self.gate.weights, "gate_bias": self.gate.bias}
        write_arrays(file, about, arrays)

    @classmethod
    def load(cls, file: Path | None = None) -> SentimentModel:
        """Read a model; without a file the shipped one. Raises ModelUnreadable."""
        if file is None:
            return _shipped()
        try:
            return _checked(*read_arrays(file))
        except OSError as error:
            raise ModelUnreadable(f"{file}: cannot be read ({error.strerror or error})") from error
        except (ValueError, KeyError, TypeError) as error:
            advice = "make it again with xiaoer sentiment train"
            raise ModelUnreadable(f"{file}: no sentiment model of this version ({error}); {advice}") from error


@cache  # it comes with the package and nobody changes it
def _shipped() -> SentimentModel:
    with as_file(files("archive.sentiment") / "data" / _SHIPPED) as file:
        return SentimentModel.load(file)


def columns_of(texts: Sequence[str], gate: GoodsGate | None, *, bits: int) -> Grams:
    """The columns a model sees: of the runs themselves and, with a gate, of the runs in texts on such goods."""
    found = grams(texts, bits=bits)
    return found if gate is None else with_kinds(found, gate.kinds(texts), bits=bits)


def with_kinds(found: Grams, kinds: NDArray[np.int64], *, bits: int) -> Grams:
    """Each text's columns, followed by those crossed with its kind."""
    own = crossed(found, kinds, bits=bits)
    counts = np.diff(found.ends)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(2 * counts)])
    columns: Columns = np.empty(2 * len(own), np.int64)
    at = np.arange(len(own)) + np.repeat(found.ends[:-1], counts)  # the texts before count twice
    columns[at] = found.columns
    columns[at + np.repeat(counts, counts)] = own
    return Grams(columns, ends)


def _summed(values: NDArray[np.float64], found: Grams) -> NDArray[np.float64]:
    """The values of each text added up; text by text, so that a text's score does not depend on its neighbours."""
    return np.bincount(found.rows, weights=values, minlength=len(found.ends) - 1).astype(np.float64)  # ints where empty


def _checked(about: dict[str, Any], arrays: Arrays) -> SentimentModel:
    """Raises ValueError or KeyError where numbers are missing, of another shape or not finite."""
    if about["format"] != _FORMAT:
        raise ValueError(f"format {about['format']}, not {_FORMAT}")
    weights, lengths = arrays["weights"], arrays["lengths"]
    size = len(weights)
    if weights.dtype != np.int8 or lengths.dtype != np.uint8 or weights.shape != lengths.shape or weights.ndim != 1:
        raise ValueError("weights and lengths do not fit")
    if size < 2 or size & (size - 1):  # noqa: PLR2004 - at least one bit
        raise ValueError(f"{size} columns are no power of two")
    most = tuple(float(each) for each in about["steps"])
    numbers = (*most, *(float(about[name]) for name in ("unseen", "bias", "slope", "margin")))
    if len(most) != 2 or not np.isfinite(numbers).all():  # noqa: PLR2004 - pull and length
        raise ValueError("numbers are missing or not finite")
    gate = GoodsGate.checked(about["goods"], arrays["gate"], arrays["gate_bias"]) if about["goods"] else None
    sources = tuple(str(each) for each in about["sources"])
    unseen, bias, slope, margin = numbers[2:]
    steps, calibration = (most[0], most[1]), Calibration(slope, margin)
    return SentimentModel(weights, lengths, steps, unseen, bias, calibration, gate, sources)
