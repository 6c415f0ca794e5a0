from tests.console.conftest import desk, own_database

__all__ = ["desk", "own_database"]
