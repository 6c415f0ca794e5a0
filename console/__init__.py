"""HTTP for people: one page module per screen."""
