"""Recordings of calls: what was played and pressed while one ran, kept as events and made into a WAV when asked."""
