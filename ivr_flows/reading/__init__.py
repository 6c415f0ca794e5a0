"""From YAML text to nodes, every fault with its file and line."""
