"""What all tests share."""

from hypothesis import HealthCheck, settings

settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("timeless")  # how long an example takes is for the benchmarks to say; machines here are shared
