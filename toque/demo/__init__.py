"""The demo: a local carrier, simulated debtors and agents, and the whole product between them, in one process."""

from toque.demo.running import run

__all__ = ["run"]
