"""`python -m toque` is the command `toque`."""

from toque.cli import main

main()
