"""What a person of the team says on the phone: scripts as trees, read from YAML, checked, chosen and filled in."""
