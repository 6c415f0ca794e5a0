"""Files that somebody hands in: kept apart while they are needed, looked into, loaded beside everything else."""
