"""Recordings of calls: begun, paused, kept, given out, erased."""
