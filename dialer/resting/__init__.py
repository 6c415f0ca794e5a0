"""Breaks of agents: booked beforehand, begun at their time, ended by the agents themselves."""
