"""The phone company in a box: speaks Twilio HTTP, to Toque and to anybody else."""
