"""Supervisors in talks of agents: listening, whispering, speaking to both; over a line of their own."""
