"""Disks that fill up and fail."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The kernel takes the bytes up to `size` of any file and refuses the rest, as a disk does that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, call: str) -> Iterator[None]:
    """`os.CALL` ends in an I/O error."""

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        yield
