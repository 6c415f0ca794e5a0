"""What is said next: flows as data and the engine that runs them. No I/O but loading and the terminal player."""
