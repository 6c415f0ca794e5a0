"""Shipped voices: for each language one Opus file of phrases and its index, and what they were rendered from."""
