from tests.console.conftest import desk

__all__ = ["desk"]
