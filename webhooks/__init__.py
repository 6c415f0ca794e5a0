"""HTTP for machines: the carrier webhooks, the prompts and the REST API."""
