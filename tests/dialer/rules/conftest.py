"""A slow machine is no failed claim: examples have no deadline of their own, the suite's time-out bounds them."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
