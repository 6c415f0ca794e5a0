"""Many calls at once: whatever came together in a moment is written together, and what is unusual goes alone."""
