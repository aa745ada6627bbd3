"""LightGBM through its C interface: one row at a time without overhead, or a matrix in one call.

The library is called through ctypes and the Python package is not imported: a bid worker needs neither its time to
import nor its memory. Calls keep the interpreter lock, since a row takes a few microseconds and giving the lock away
could cost a bid much more; only reading a model lets others have it, being done aside while they answer. The count of
threads is fixed at one.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

_RAW_SCORE, _CONTRIBUTIONS, _DOUBLE, _ROW_MAJOR, _BY_GAIN = 1, 3, 1, 1, 1  # as in LightGBM/c_api.h
_ALL = -1
_PARAMETERS = b"num_threads=1 predict_disable_shape_check=false"


class BoosterError(ModelError):
    """LightGBM refused what it was given."""


@cache
def _path() -> str:
    spec = find_spec("lightgbm")
    if spec is None or spec.origin is None:
        raise ModelError("lightgbm is not installed")
    return str(next(Path(spec.origin).parent.glob("lib/lib_lightgbm.*")))


@cache
def _library() -> ctypes.PyDLL:
    return ctypes.PyDLL(_path())


@cache
def _yielding_library() -> ctypes.CDLL:
    """The same library, called without the interpreter lock."""
    return ctypes.CDLL(_path())


def _call(function: str, *arguments: Any, library: ctypes.CDLL | None = None) -> None:
    library = library or _library()
    if getattr(library, function)(*arguments) != 0:
        library.LGBM_GetLastError.restype = ctypes.c_char_p
        raise BoosterError(f"{function}: {library.LGBM_GetLastError().decode(errors='replace')}")


class Booster:
    """A model's trees. Not to be used by two threads at once: the row and the result are its own buffers.

    Raises `BoosterError` where LightGBM cannot read the text.
    """

    def __init__(self, text: str) -> None:
        self._handle, self._fast = ctypes.c_void_p(), ctypes.c_void_p()
        iterations = ctypes.c_int()
        _call(
            "LGBM_BoosterLoadModelFromString", text.encode(), ctypes.byref(iterations), ctypes.byref(self._handle),
            library=_yielding_library(),
        )  # fmt: skip
        self.width = self._integer("LGBM_BoosterGetNumFeature")
        self.row = (ctypes.c_double * self.width)()
        """What `score` scores: write into it."""
        self._result = ctypes.c_double()
        self._length = ctypes.c_int64()
        _call(
            "LGBM_BoosterPredictForMatSingleRowFastInit", self._handle, _RAW_SCORE, 0, _ALL, _DOUBLE, self.width,
            _PARAMETERS, ctypes.byref(self._fast),
        )  # fmt: skip
        self.score = self._scorer()
        """The raw score (log-odds) of the row that stands in `row`."""

    def __del__(self) -> None:
        if self._fast.value:
            _library().LGBM_FastConfigFree(self._fast)
        if self._handle.value:
            _library().LGBM_BoosterFree(self._handle)

    @property
    def highest(self) -> float:
        """A raw score that no row exceeds."""
        bound = ctypes.c_double()
        _call("LGBM_BoosterGetUpperBoundValue", self._handle, ctypes.byref(bound))
        return bound.value

    def scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The raw scores of many rows in one call; one float for each row of a C-ordered matrix."""
        return self._predict(rows, _RAW_SCORE, np.empty(len(rows)))

    def effects(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the raw score of each row (SHAP values); rows by features."""
        effects = np.empty((len(rows), self.width + 1))  # the last column is what all rows start from
        return self._predict(rows, _CONTRIBUTIONS, effects)[:, :-1]

    def gains(self) -> NDArray[np.float64]:
        """How much the splits by each feature lowered the loss."""
        gains = np.empty(self.width)
        _call("LGBM_BoosterFeatureImportance", self._handle, 0, _BY_GAIN, ctypes.c_void_p(gains.ctypes.data))
        return gains

    def _predict(self, rows: NDArray[np.float64], kind: int, found: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.ascontiguousarray(rows, dtype=np.float64)
        count, width = rows.shape
        if count:
            _call(
                "LGBM_BoosterPredictForMat", self._handle, ctypes.c_void_p(rows.ctypes.data), _DOUBLE, count, width,
                _ROW_MAJOR, kind, 0, _ALL, _PARAMETERS, ctypes.byref(self._length),
                ctypes.c_void_p(found.ctypes.data),
            )  # fmt: skip
        return found

    def _integer(self, function: str) -> int:
        value = ctypes.c_int()
        _call(function, self._handle, ctypes.byref(value))
        return value.value

    def _scorer(self) -> Callable[[], float]:
        predict = _library().LGBM_BoosterPredictForMatSingleRowFast
        row, result = ctypes.c_void_p(ctypes.addressof(self.row)), self._result
        length, place = ctypes.byref(self._length), ctypes.byref(result)
        fast = self._fast

        def score() -> float:
            if predict(fast, row, length, place) != 0:
                raise BoosterError("LGBM_BoosterPredictForMatSingleRowFast failed")
            return result.value

        return score
