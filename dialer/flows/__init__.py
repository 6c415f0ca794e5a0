"""Companies' own flows: saved in versions, published when proven; and the revision that a call began with."""
