"""The REST API under /api/v1: campaigns, agents, packets, people. It decides nothing; every act is the dialer's."""

from webhooks.api.router import api_router

__all__ = ["api_router"]
