"""Remember. Models, the database, and one module of queries per noun; nothing here decides."""
