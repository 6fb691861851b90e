"""How often does the search find the right script first?"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from knowledge_base.files import read_scripts
from knowledge_base.indexing import build_snapshot
from knowledge_base.problems import ImportFailed, Problem, mistake
from knowledge_base.script import Script
from knowledge_base.snapshot import Audience
from knowledge_base.vector_index import Encode

_ANY_TIME = Audience("default", datetime(2000, 1, 1, tzinfo=UTC))
_TOP = 10


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the standard question of the script that answers it."""

    text: str
    post: str


@dataclass(frozen=True, slots=True)
class KbScores:
    """How n queries went: the share whose script came first, among the first 3, the first 10.

    mrr: mean reciprocal rank within the first 10. ms_per_query: of the search; encoding is left out.
    """

    recall_at_1: float
    recall_at_3: float
    recall_at_10: float
    mrr: float
    ms_per_query: float
    n: int


def evaluate(
    files: Sequence[Path],
    queries: Path | None = None,
    *,
    encode: Encode,
    encoder: str,
    negatives: Sequence[str] = (),
) -> KbScores:
    """Measure: several files make one library, identical first questions are one script, only they are indexed.

    queries: JSON lines `{"query", "post"}`; None: each similar question of the files asks.

    Raises:
        ImportFailed: a file cannot be read, or there is nothing to ask.
    """
    library, asking = _protocol(files)
    if queries is not None:
        asking = _read_queries(queries)
    if not library or not asking:
        raise ImportFailed((Problem(queries or files[0], 1, "", mistake("nothing_to_ask")),))
    snapshot = build_snapshot(library, encode=encode, encoder=encoder, folder=None, negatives=negatives)
    right = {script.questions[0]: script.id for script in library}
    vectors = encode([query.text for query in asking])
    ranks: list[int] = []
    began = time.perf_counter()
    for query, vector in zip(asking, vectors, strict=True):
        ids = [passage.script_id for passage in snapshot.search(query.text, vector, _ANY_TIME, _TOP)]
        wanted = right.get(query.post, "")
        ranks.append(ids.index(wanted) if wanted in ids else _TOP)
    spent = time.perf_counter() - began
    places = np.array(ranks)
    return KbScores(
        recall_at_1=float(np.mean(places < 1)),
        recall_at_3=float(np.mean(places < 3)),  # noqa: PLR2004 - as the field's name says
        recall_at_10=float(np.mean(places < _TOP)),
        mrr=float(np.mean(np.where(places < _TOP, 1 / (places + 1), 0))),
        ms_per_query=1_000 * spent / len(asking),
        n=len(asking),
    )


def _protocol(files: Sequence[Path]) -> tuple[list[Script], list[Query]]:
    library: dict[str, Script] = {}
    asking: list[Query] = []
    for script in (script for file in files for script in read_scripts(file)):
        post = script.questions[0]
        library.setdefault(
            post, replace(script, id=f"eval-{len(library)}", questions=(post,), state="live", related=())
        )
        asking += [Query(question, post) for question in script.questions[1:]]
    return list(library.values()), asking


def _read_queries(file: Path) -> list[Query]:
    found: list[Query] = []
    problems: list[Problem] = []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFailed((Problem(file, 1, "", mistake("no_queries")),)) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            found.append(Query(str(entry["query"]), str(entry["post"]).strip()))
        except (ValueError, KeyError, TypeError):
            problems.append(Problem(file, number, "query", mistake("no_query")))
    if problems:
        raise ImportFailed(tuple(problems))
    return found
