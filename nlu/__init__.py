"""What does the customer want, and in what mood?"""

from nlu.batching import AsyncEncoder
from nlu.bundled import BundledEncoder
from nlu.encoder import Encoder, EncoderUnavailable, load_encoder
from nlu.entities import find_entities
from nlu.evaluation import NluScores, NothingToMeasure, evaluate_intents, read_examples
from nlu.intent_model import OUT_OF_SCOPE, IntentModel, ModelUnreadable
from nlu.lexicon import general_negatives
from nlu.mood import Mood, mood
from nlu.optional_encoders import PortableEncoder, SentenceTransformersEncoder
from nlu.rasa_yaml import read_training_data
from nlu.remembering import RememberingEncoder
from nlu.text import ngrams, normalise
from nlu.training import NothingToLearn, load_current, load_or_train, train
from nlu.training_data import Entity, Example, TrainingData, TrainingDataError
from nlu.understand import Context, Understander, Understanding

__all__ = [
    "OUT_OF_SCOPE",
    "AsyncEncoder",
    "BundledEncoder",
    "Context",
    "Encoder",
    "EncoderUnavailable",
    "Entity",
    "Example",
    "IntentModel",
    "ModelUnreadable",
    "Mood",
    "NluScores",
    "NothingToLearn",
    "NothingToMeasure",
    "PortableEncoder",
    "RememberingEncoder",
    "SentenceTransformersEncoder",
    "TrainingData",
    "TrainingDataError",
    "Understander",
    "Understanding",
    "evaluate_intents",
    "find_entities",
    "general_negatives",
    "load_current",
    "load_encoder",
    "load_or_train",
    "mood",
    "ngrams",
    "normalise",
    "read_examples",
    "read_training_data",
    "train",
]
