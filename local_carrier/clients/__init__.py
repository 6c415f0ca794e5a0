"""Browsers as telephones: they register under a client's name, ring, and talk over one WebSocket each."""
