"""What is at the other end of a call: a line is dialled, plays, listens, records, is bridged and hung up."""
