"""`<Pay>`: a card keyed in during a call, checked and charged here, so that the customer never sees its number."""
