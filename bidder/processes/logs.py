"""Structured logs on standard error: lines for a person at a terminal, JSON for anything else. None per request."""

import io
import logging
import select
import sys
from contextlib import suppress
from types import TracebackType
from typing import TextIO, cast

import structlog
import structlog.tracebacks
from structlog.typing import Processor

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

# Values of variables are left out: keys of tickets and tokens are among them.
_tracebacks = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_logs(process: str) -> None:
    """Log as `process`, also what libraries log."""
    structlog.contextvars.bind_contextvars(process=process)
    at_terminal = sys.stderr.isatty()
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if at_terminal
        else [_tracebacks, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*_SHARED, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
    )
    _configure_libraries(last)
    sys.excepthook = _log_end


class _Unfailing(io.TextIOBase):
    """A stream that drops what it cannot write at once.

    A log on a full disk, or one that nobody reads (a terminal that was told to stop, a collector that hangs), is no
    reason to stop bidding.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._ready = select.poll()
        self._ready.register(stream, select.POLLOUT)

    def write(self, text: str) -> int:
        with suppress(OSError):
            if self._ready.poll(0):
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            if self._ready.poll(0):
                self._stream.flush()


def _configure_libraries(last: list[Processor]) -> None:
    handler = logging.StreamHandler(_Unfailing(sys.stderr))
    handler.addFilter(_is_news)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _is_news(record: logging.LogRecord) -> bool:
    """What strangers send that is no HTTP is none: a line for each would be theirs to write."""
    error = record.exc_info[1] if record.exc_info else None
    return all(kind.__name__ != "HttpProcessingError" for kind in type(error).__mro__)


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process is a structured line like any other."""
    structlog.get_logger().critical("a fault ended the process", exc_info=(kind, error, trace))
