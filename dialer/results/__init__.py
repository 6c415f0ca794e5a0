"""What came of campaigns: counted, priced, written into files."""
