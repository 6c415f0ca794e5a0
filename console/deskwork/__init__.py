"""What an agent works with at the desk: the matter, the script, forms and drafts; and the floor."""
