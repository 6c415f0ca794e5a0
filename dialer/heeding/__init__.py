"""What people, their lawyers and registers have told us to heed: do-not-call lists, bars, designations, consents."""
