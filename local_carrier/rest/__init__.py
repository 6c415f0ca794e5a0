"""The REST half of the carrier's contract: what may be asked, and how the answers look."""
