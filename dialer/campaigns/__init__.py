"""Campaigns: what managers do with them, what is checked before, how they share agents and lines."""
