"""Two revisions of a flow beside each other: what a person hears differently, and the texts line by line."""
