"""The gate from outside: a question in plain JSON values becomes facts and a proposal, its word JSON values again."""
