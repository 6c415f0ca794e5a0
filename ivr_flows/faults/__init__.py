"""The structural faults of a flow, one family a module. Each takes a flow and yields problems; nothing is run."""
