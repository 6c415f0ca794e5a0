"""A company's own flows: made from one of the library or from nothing, saved, published, compared."""
