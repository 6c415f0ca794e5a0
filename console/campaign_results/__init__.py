"""What a campaign has brought: its results narrowed as the address says, as charts, tables and files."""
