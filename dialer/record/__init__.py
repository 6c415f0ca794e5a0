"""The record: sealed in chains, verified, given out, kept no longer than the law asks."""
