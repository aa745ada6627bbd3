"""The evaluation of a model as one self-contained page."""
