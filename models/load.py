"""A model out of its files: what serves a version once `check` has let it through."""

from pathlib import Path

from models.errors import ModelError, RefusedError
from models.features import Featuriser
from models.manifest import MANIFEST, MODEL, Manifest, decode, fingerprint
from models.predictor import Model
from models.scorer import scorer


def build(name: str, manifest: Manifest, text: str) -> Model:
    """A model out of its manifest and its model file, unchecked. Raises `ModelError`."""
    featuriser = Featuriser(manifest.features)
    made = scorer(manifest.kind, text, featuriser.request_width)
    return Model(name, manifest.outcome, (featuriser, made, manifest.offset, manifest.calibration))


def load_checked(directory: Path, expected: str) -> Model:
    """The model of a version that was checked elsewhere, when the hash of its manifest was `expected`.

    Raises `RefusedError` where the files are not those that were checked.
    """
    name = f"{directory.parent.name}:{directory.name}"
    try:
        manifest_bytes, model_bytes = (directory / MANIFEST).read_bytes(), (directory / MODEL).read_bytes()
        manifest = decode(manifest_bytes)
        unchanged = fingerprint(manifest_bytes) == expected and fingerprint(model_bytes) == manifest.files.get(MODEL)
        model = build(name, manifest, model_bytes.decode()) if unchanged else None
    except (OSError, ValueError, ModelError) as error:
        raise RefusedError(name, [str(error)]) from error
    if model is None:
        raise RefusedError(name, ["its files have changed since they were checked"])
    return model
