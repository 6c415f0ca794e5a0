"""Decide: values in, verdict out. Nothing here reads a clock, a database or the network."""
