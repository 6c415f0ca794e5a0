"""Flows proven before anybody is called with them: every state of a call, explored with the engine itself."""
