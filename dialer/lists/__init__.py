"""Reads lists: a file's cells become clean people, numbers and debts, or a reason why not. No database here."""
