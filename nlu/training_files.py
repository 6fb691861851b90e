"""Which of our forms does a file of training data have? The name tells."""

from __future__ import annotations

from pathlib import Path

from nlu.json_lines import read_json_lines
from nlu.rasa_yaml import SUFFIXES, read_training_data
from nlu.training_data import TrainingData


def read_examples(path: Path) -> TrainingData:
    """Read Rasa's NLU YAML (a folder, or a file named .yml or .yaml), else JSON lines `{"sentence", "label"}`.

    Raises:
        TrainingDataError: with file, line and what to write instead.
    """
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return read_training_data(path)
    return read_json_lines(path)
