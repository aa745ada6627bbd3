"""The checker as control sees it: asked once about each version as it is on disk, and given up where it takes long."""

import asyncio
import contextlib
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from bidder.config.schema import ModelLimits
from bidder.processes.verdict import Question, Verdict
from models.limits import Limits
from models.manifest import MANIFEST, MODEL, PARITY, REPORT

COMMAND = (sys.executable, "-m", "bidder.processes.model_checker")
SETTLING_NS = 300_000_000
"""Files that were touched so short a time ago may still be being written."""

LONGEST_LINE = 1 << 20
_FILES = (MODEL, MANIFEST, PARITY, REPORT)

Signature: TypeAlias = tuple[tuple[int, ...] | None, ...]
"""What changes when a file of a version does."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Verdict).decode


class Checking:
    """Verdicts on versions; the same one for as long as neither files nor limits change."""

    def __init__(self) -> None:
        self.checks = 0
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._under_way: dict[Path, asyncio.Task[Verdict]] = {}
        self.about: dict[str, dict[str, Any]] = {}
        """What is to be told of versions that may serve, by fingerprint."""
        self._known: dict[Path, tuple[Signature, ModelLimits, Verdict]] = {}

    async def verdict(self, directory: Path, limits: ModelLimits, patience_s: float | None = None) -> Verdict | None:
        """Whether the version in a directory may serve; None while its files are still being written.

        A check that takes longer than `patience_s` goes on meanwhile, and until it ends the same files are judged as by
        other limits before, or not at all: None.
        """
        signature, settled = await asyncio.to_thread(_signature, directory)
        known = self._known.get(directory)
        if known is not None and known[:2] == (signature, limits):
            return known[2]
        if not settled:
            return None
        check = self._under_way.get(directory) or asyncio.ensure_future(self._check(directory, signature, limits))
        self._under_way[directory] = check
        await asyncio.wait({check}, timeout=patience_s)
        if not check.done():
            return known[2] if known is not None and known[0] == signature else None
        check.result()
        return await self.verdict(directory, limits, patience_s)

    async def _check(self, directory: Path, signature: Signature, limits: ModelLimits) -> Verdict:
        try:
            async with self._turn:
                found = await self._ask(directory, limits)
        finally:
            del self._under_way[directory]
        self.checks += 1
        self._known[directory] = (signature, limits, found)
        self.about[found.fingerprint] = found.about
        return found

    def kill(self) -> None:
        """End the process."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _ask(self, directory: Path, limits: ModelLimits) -> Verdict:
        process = await self._alive()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(_encode(Question(str(directory), _limits(limits))) + b"\n")
        try:
            async with asyncio.timeout(limits.check_seconds):
                line = await process.stdout.readline()
        except TimeoutError:
            self.kill()
            await process.wait()
            return Verdict((f"its check took longer than the {limits.check_seconds} s of models.limits.check_seconds",))
        if not line:
            return Verdict((f"its check ended the checking process, code {await process.wait()}",))
        return _decode(line)

    async def _alive(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
        return self._process


def _signature(directory: Path) -> tuple[Signature, bool]:
    """The signature of the directory and its files, and whether they have been left alone for long enough."""
    found: list[tuple[int, ...] | None] = []
    latest_ns = 0
    for name in (".", *_FILES):
        try:
            stat = (directory / name).lstat()
        except OSError:
            found.append(None)
        else:
            found.append((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))
            latest_ns = max(latest_ns, stat.st_ctime_ns)
    return tuple(found), not 0 <= time.time_ns() - latest_ns < SETTLING_NS


def _limits(settings: ModelLimits) -> Limits:
    most = settings.megabytes << 20
    return Limits(
        model_bytes=most,
        manifest_bytes=most,
        parity_bytes=most,
        report_bytes=most,
        trees=settings.trees,
        leaves=settings.leaves,
        features=settings.features,
        row_us=settings.row_us,
    )
