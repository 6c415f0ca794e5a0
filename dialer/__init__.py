"""Whom to call, when, and what came of it: the only package with a database."""
