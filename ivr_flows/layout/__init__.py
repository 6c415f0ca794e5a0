"""Where the nodes of a flow stand when it is drawn from top to bottom. Numbers only: nothing is drawn here."""
