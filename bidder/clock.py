"""The only place that reads the time; everything else is told it."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds: since 1970 UTC where it tells the time, since any fixed moment where it measures a duration."""

wall_s: Clock = time.time
"""Seconds since 1970 UTC."""

monotonic_s: Clock = time.monotonic
"""Seconds that never go back."""
