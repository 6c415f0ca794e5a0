"""The place Lists: handing files in, seeing how they are read, loading them, and what stands on a list."""

from console.lists.routes import lists_routes

__all__ = ["lists_routes"]
