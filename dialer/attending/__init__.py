"""Acts of an agent during a call and in the time after it: what is said there goes on record, once."""
