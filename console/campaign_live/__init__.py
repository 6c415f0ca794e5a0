"""A campaign as it goes on: one look each second, shared by all who watch, sent as server-sent events."""
