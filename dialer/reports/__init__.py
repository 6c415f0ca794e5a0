"""What reports are computed from and how: pure functions over counted groups. They ask no database."""
