"""Features: declared by name in a catalogue, fitted in training, and the only way from facts to a row of floats."""

from models.features.catalogue import CATALOGUE
from models.features.encode import Fitted
from models.features.featuriser import Featuriser, Matrix
from models.features.kinds import CATEGORICAL, Feature

__all__ = ["CATALOGUE", "CATEGORICAL", "Feature", "Featuriser", "Fitted", "Matrix"]
