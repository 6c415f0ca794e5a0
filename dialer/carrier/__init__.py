"""Our end of the wire: calls and texts, prices, recordings. The one place that knows the vendor's words."""
