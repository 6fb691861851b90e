"""Which questions do customers ask again and again without a good script? Groups of them, the most asked first."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from knowledge_base.text import ngrams, normalise
from knowledge_base.vector_index import Encode

Floats = NDArray[np.float32]
Square = NDArray[np.float64]

MAX_TEXTS = 3_000  # distinct questions grouped at once, the newest: their distances take 70 MB
MEANING = 0.5  # share of the vectors in the similarity; the rest is spelling
CLOSE = 0.4  # mean similarity at which two groups become one: purity .86, NMI .89 on five trades' similar questions
MIN_CHARACTERS = 3  # of a question without its masks and courtesies
MAX_CHARACTERS = 60  # longer messages tell a story: nobody else tells the same
_MASK = re.compile(
    r"(?:[^\W\d_]{1,8}\s{0,3}[:：]\s{0,3})?〔[^〕]{0,12}〕"
)  # with the label of a form: "订单号：〔订单号〕"
_EDGE = " \t\r\n,.!?;:~…、，。！？；：～-—"


def _courtesies() -> tuple[re.Pattern[str], re.Pattern[str]]:
    text = resources.files("knowledge_base").joinpath("courtesies.toml").read_text(encoding="utf-8")
    known, pause = tomllib.loads(text), f"[{re.escape(_EDGE)}]"
    opening, paused, closing = (
        "|".join(map(re.escape, known[name])) for name in ("openings", "before_a_pause", "closings")
    )
    particle = f"[{known['particles']}]?"
    return (
        re.compile(f"^(?:(?:{opening})+{particle}{pause}*|(?:{paused}){particle}{pause}+)+"),
        re.compile(f"{pause}*(?:{closing})[{known['after_closings']}]*{pause}*$"),
    )


_OPENING, _CLOSING = _courtesies()  # at import: small


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One question a customer asked and got no good answer to.

    text: personal data masked as 〔…〕. customer: any key that tells customers apart.
    """

    text: str
    customer: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask the same.

    title: the most central one. questions: all distinct ones, the most central first. asked: how often in all.
    customers: how many different ones asked. closeness: mean similarity to the title (0–1).
    """

    title: str
    questions: tuple[str, ...]
    asked: int
    customers: int
    closeness: float


def core(text: str) -> str:
    """What is asked, without masks, greetings and thanks; the text itself where it is nothing else."""
    bare = " ".join(_MASK.sub(" ", text).split()).strip(_EDGE)
    return _CLOSING.sub("", _OPENING.sub("", bare)).strip(_EDGE) or bare


def find_gaps(asked: Sequence[Unanswered], encode: Encode, ordinary: Floats, *, customers: int = 2) -> tuple[Gap, ...]:
    """Group the questions; the order of `asked` changes nothing, except which are kept of too many.

    Args:
        asked: oldest first.
        encode: texts to L2-normalised rows, [n, dim] float32; called once, with the cores of the distinct questions.
        ordinary: [dim], the mean vector of ordinary texts: what all texts share says nothing about any.
        customers: groups that fewer different customers asked are left out.

    Returns:
        Groups by how many customers asked, then how often, then title.
    """
    texts = _distinct(asked)
    if not texts:
        return ()
    cores = list(texts)
    closeness = _similarity(cores, encode(cores) - ordinary)
    gaps = (_gap(members, cores, texts, closeness) for members in _groups(closeness))
    wanted = [gap for gap in gaps if gap.customers >= customers]
    return tuple(sorted(wanted, key=lambda gap: (-gap.customers, -gap.asked, gap.title)))


def _distinct(asked: Sequence[Unanswered]) -> Mapping[str, Sequence[Unanswered]]:
    """Everybody who asked, by the core of what they asked, sorted: one order whatever the order of asking."""
    found: dict[str, list[Unanswered]] = {}
    spelt: dict[str, str] = {}
    for each in sorted(asked, key=lambda one: (core(one.text), one.text, one.customer)):
        bare = core(each.text)
        plain = normalise(bare)
        if MIN_CHARACTERS <= len(plain) <= MAX_CHARACTERS and not plain.isdecimal():
            found.setdefault(spelt.setdefault(plain, bare), []).append(each)
    if len(found) <= MAX_TEXTS:
        return found
    newest = {normalise(core(each.text)): at for at, each in enumerate(asked)}
    kept = sorted(found, key=lambda bare: -newest[normalise(bare)])[:MAX_TEXTS]
    return {bare: found[bare] for bare in sorted(kept)}


def _similarity(texts: Sequence[str], vectors: Floats) -> Square:
    """Cosine of meaning and of spelling in equal parts, [n, n]."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - heavy; only the operator's report

    rows = vectors.astype(np.float64)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    weighed = TfidfVectorizer(analyzer=_runs, sublinear_tf=True).fit_transform(texts)
    spelling = (weighed @ weighed.T).toarray()
    return np.asarray(np.clip(MEANING * (rows @ rows.T) + (1 - MEANING) * spelling, 0.0, 1.0))


def _runs(text: str) -> Iterable[str]:
    return ngrams(text).elements()


def _groups(similarity: Square) -> list[list[int]]:
    """Join the closest groups by their mean similarity until none are `CLOSE`."""
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - as above
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    if len(similarity) == 1:
        return [[0]]
    distances = squareform(1 - (similarity + similarity.T) / 2, checks=False)
    labels = fcluster(linkage(distances, "average"), 1 - CLOSE, "distance")
    groups: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        groups.setdefault(int(label), []).append(place)
    return list(groups.values())


def _gap(members: list[int], cores: Sequence[str], texts: Mapping[str, Sequence[Unanswered]], closeness: Square) -> Gap:
    times = np.array([len(texts[cores[place]]) for place in members])
    inner = closeness[np.ix_(members, members)]
    central = (inner * times).sum(axis=1) / times.sum()
    order = sorted(range(len(members)), key=lambda at: (-round(float(central[at]), 9), len(cores[members[at]]), at))
    names = [cores[members[at]] for at in order]
    everybody = [each for name in names for each in texts[name]]
    return Gap(
        title=names[0],
        questions=tuple(names),
        asked=len(everybody),
        customers=len({each.customer for each in everybody}),
        closeness=round(float(inner[order[0]].mean()), 4),
    )
