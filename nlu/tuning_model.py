"""How is a model pulled towards the shop's own questions without forgetting what it knew?"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import normalised, printable
from nlu.optional_encoders import import_extra
from nlu.sentence_transformers_encoder import EXTRA
from nlu.tuning_data import Pair, Split, batches_of, negatives_of, pairs_of

MODULES = "sentence_transformers.base.modules"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to tune.

    epochs: each learned question is an anchor once in each. batch: pairs that are each other's negatives. hard: that
    many confusing questions are added for each pair. layers: of the model, from above, that move too; with none only
    the head moves, a linear map behind the model, and each text goes through the model only once. rate, layer_rate:
    the highest learning rates of head and layers; they rise over the first tenth of the steps and fall to zero.
    scale: of the cosines before the softmax. tether: what the head pays for leaving the identity, squared; a few
    hundred questions would teach a free one to forget. held_out: share of the groups that are asked and not learned.
    """

    epochs: int = 8
    batch: int = 32
    hard: int = 3
    layers: int = 0
    rate: float = 1e-3
    layer_rate: float = 2e-5
    scale: float = 50.0
    tether: float = 0.3
    held_out: float = 0.2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Tuned:
    """steps: taken, of `planned`; fewer where time ran out. trainable: how many weights could move."""

    steps: int
    planned: int
    trainable: int


class Trainee:
    """A loaded SentenceTransformer, asked and trained with one prompt before every text, and a head behind it."""

    def __init__(self, model: Any, prompt: str) -> None:
        self._torch = import_extra("torch", EXTRA)
        self._model = model
        self._prompt = prompt
        self._dim = int(model.get_embedding_dimension())
        self._head: Any = self._torch.eye(self._dim, requires_grad=True)
        self._known: dict[str, NDArray[np.float32]] = {}  # what the model itself says, while no layer of it moves

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length one, as `SentenceTransformersEncoder` gives them for the saved model."""
        with self._torch.no_grad():
            return normalised((self._torch.from_numpy(self._body(texts)) @ self._head).numpy())

    def train(
        self,
        split: Split,
        negatives: Mapping[str, Sequence[str]],
        recipe: Recipe,
        *,
        is_over: Callable[[], bool],
        progress: Callable[[int, int], None],
    ) -> Tuned:
        """Move the weights. negatives: as `pairs_of` takes them. is_over: asked before each step.

        progress: called with the steps taken and planned.
        """
        self._torch.manual_seed(recipe.seed)
        chance = random.Random(recipe.seed)  # noqa: S311 - to be repeatable, not secret
        batches = [
            batch
            for _ in range(recipe.epochs)
            for batch in batches_of(pairs_of(split, negatives, chance), recipe.batch, chance)
            if len(batch) > 1
        ]
        layers = self._upper(recipe.layers)
        moving = [self._head, *layers]
        rates = (recipe.rate, recipe.layer_rate)
        optimiser = self._torch.optim.AdamW([{"params": [self._head]}, {"params": layers}], weight_decay=0.0)
        steps = 0
        for batch in batches:
            if is_over():
                break
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * _slope(steps, len(batches))
            optimiser.zero_grad()
            self._loss(batch, recipe).backward()
            self._torch.nn.utils.clip_grad_norm_(moving, 1.0)
            optimiser.step()
            steps += 1
            progress(steps, len(batches))
        if layers:
            self._known.clear()
        return Tuned(steps, len(batches), sum(weight.numel() for weight in moving))

    def save(self, folder: Path) -> None:
        """Write model and head as one model, with the prompt it was asked with."""
        modules = import_extra(MODULES, EXTRA)
        identity = self._torch.nn.Identity()
        head = modules.Dense(
            self._dim,
            self._dim,
            bias=False,
            activation_function=identity,
            init_weight=self._head.detach().T.contiguous(),
        )
        self._model.append(head)
        self._model.append(modules.Normalize())
        if self._prompt and not self._model.default_prompt_name:
            self._model.prompts["query"] = self._prompt  # an E5's is only known by its name, which the copy has not
        self._model.save_pretrained(str(folder), create_model_card=False)

    def _body(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What the model itself says, each text once."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._model.eval()
            clean = [printable(text) for text in fresh]
            rows = self._model.encode(clean, prompt=self._prompt, show_progress_bar=False)
            self._known |= zip(fresh, normalised(np.asarray(rows, dtype=np.float32)), strict=True)
        return np.stack([self._known[text] for text in texts]) if texts else np.empty((0, self._dim), np.float32)

    def _loss(self, batch: Sequence[Pair], recipe: Recipe) -> Any:
        """Each anchor must choose its positive among all positives and hard negatives of the batch."""
        anchors = [pair.anchor for pair in batch]
        others = [pair.positive for pair in batch] + negatives_of(batch, recipe.hard)
        rows = self._forward([*anchors, *others], moving=recipe.layers > 0) @ self._head
        rows = self._torch.nn.functional.normalize(rows, dim=1)
        cosines = rows[: len(anchors)] @ rows[len(anchors) :].T
        away = ((self._head - self._torch.eye(self._dim)) ** 2).sum()
        right = self._torch.arange(len(anchors))
        return self._torch.nn.functional.cross_entropy(recipe.scale * cosines, right) + recipe.tether * away

    def _forward(self, texts: Sequence[str], *, moving: bool) -> Any:
        if not moving:
            return self._torch.from_numpy(self._body(texts))
        self._model.train()
        features = self._model.preprocess([self._prompt + printable(text) for text in texts])
        return self._torch.nn.functional.normalize(self._model(features)["sentence_embedding"], dim=1)

    def _upper(self, count: int) -> list[Any]:
        """The weights of the uppermost layers, made trainable; all others stay as they are."""
        for weight in self._model.parameters():
            weight.requires_grad_(requires_grad=False)
        stacks: list[Any] = [part for part in self._model.modules() if isinstance(part, self._torch.nn.ModuleList)]
        layers = list(max(stacks, key=_length))[-count:] if stacks and count else []
        weights = [weight for layer in layers for weight in layer.parameters()]
        for weight in weights:
            weight.requires_grad_(requires_grad=True)
        return weights


def _slope(step: int, steps: int) -> float:
    """Up over the first tenth, then down to nothing."""
    rising = max(1, steps // 10)
    return (step + 1) / rising if step < rising else (steps - step) / max(1, steps - rising)


def _length(stack: Any) -> int:
    return len(stack)
