"""Text messages, both ways: the outbox, replies, and what was lost."""
