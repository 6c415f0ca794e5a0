"""Payment codes by their published rules: what they say, and whether a sign of them was mistyped. No network."""
