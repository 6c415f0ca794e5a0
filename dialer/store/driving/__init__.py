"""The database's own driver, for the two hot paths: a common turn, a batch of intents."""
