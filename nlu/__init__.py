"""What does the customer want, and in what mood?"""

from nlu.batching import AsyncEncoder, share
from nlu.bubbles import join_bubbles, looks_unfinished, wait_ms
from nlu.bundled import BundledEncoder
from nlu.calibration import expected_calibration_error
from nlu.circuit import Circuit
from nlu.conversion import Converted, convert_bundled
from nlu.encoder import Encoder, EncoderUnavailable, load_encoder
from nlu.engine import Engine, EngineUnavailable, Reading
from nlu.entities import Gazetteer, find_entities
from nlu.evaluation import (
    Answers,
    NluScores,
    NothingToMeasure,
    RefusalReport,
    ask_intents,
    auroc,
    evaluate_intents,
    macro_f1,
    report_refusal,
    score_intents,
)
from nlu.ingredients import Ingredients
from nlu.intent_model import OUT_OF_SCOPE, IntentModel, ModelUnreadable
from nlu.json_lines import write_json_lines
from nlu.lexicon import general_negatives
from nlu.mood import Mood, mood
from nlu.mood_head import MoodHead
from nlu.nlu_document import NluDocument, read_document, read_documents
from nlu.optional_encoders import PortableEncoder
from nlu.problems import NotWritable, TrainingDataError
from nlu.questions import is_follow_up, resolve, split_questions
from nlu.rasa_engine import ParseRemotely, RasaEngine, RasaUnavailable, read_answer
from nlu.rasa_writer import render as render_training_data
from nlu.rasa_writer import write_training_data
from nlu.rasa_yaml import read_training_data
from nlu.refusal import CurvePoint, refusal_threshold, risk_coverage
from nlu.remembering import RememberingEncoder
from nlu.sentence_transformers_encoder import SentenceTransformersEncoder
from nlu.slots import Filled, SlotNeed, fill
from nlu.text import ngrams, normalise
from nlu.tidying import tidy
from nlu.training import NothingToLearn, load_current, load_or_train, train
from nlu.training_data import Entity, Example, TrainingData
from nlu.training_files import read_examples
from nlu.tuning import HardNegatives, TuningReport, Watch, tune
from nlu.tuning_data import TooFewGroups
from nlu.tuning_model import Recipe
from nlu.tuning_scores import Encode, RetrievalScores
from nlu.typos import Speller
from nlu.understand import Context, Understander, Understanding

__all__ = [
    "OUT_OF_SCOPE",
    "Answers",
    "AsyncEncoder",
    "BundledEncoder",
    "Circuit",
    "Context",
    "Converted",
    "CurvePoint",
    "Encode",
    "Encoder",
    "EncoderUnavailable",
    "Engine",
    "EngineUnavailable",
    "Entity",
    "Example",
    "Filled",
    "Gazetteer",
    "HardNegatives",
    "Ingredients",
    "IntentModel",
    "ModelUnreadable",
    "Mood",
    "MoodHead",
    "NluDocument",
    "NluScores",
    "NotWritable",
    "NothingToLearn",
    "NothingToMeasure",
    "ParseRemotely",
    "PortableEncoder",
    "RasaEngine",
    "RasaUnavailable",
    "Reading",
    "Recipe",
    "RefusalReport",
    "RememberingEncoder",
    "RetrievalScores",
    "SentenceTransformersEncoder",
    "SlotNeed",
    "Speller",
    "TooFewGroups",
    "TrainingData",
    "TrainingDataError",
    "TuningReport",
    "Understander",
    "Understanding",
    "Watch",
    "ask_intents",
    "auroc",
    "convert_bundled",
    "evaluate_intents",
    "expected_calibration_error",
    "fill",
    "find_entities",
    "general_negatives",
    "is_follow_up",
    "join_bubbles",
    "load_current",
    "load_encoder",
    "load_or_train",
    "looks_unfinished",
    "macro_f1",
    "mood",
    "ngrams",
    "normalise",
    "read_answer",
    "read_document",
    "read_documents",
    "read_examples",
    "read_training_data",
    "refusal_threshold",
    "render_training_data",
    "report_refusal",
    "resolve",
    "risk_coverage",
    "score_intents",
    "share",
    "split_questions",
    "tidy",
    "train",
    "tune",
    "wait_ms",
    "write_json_lines",
    "write_training_data",
]
