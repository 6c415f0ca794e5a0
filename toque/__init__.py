"""The composition root: command line, processes, demo and benchmarks. Nothing here decides or remembers."""

__version__ = "0.1.0"
