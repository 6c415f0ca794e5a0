"""Where the command `toque` begins, also as `python -m toque`."""

from __future__ import annotations

import gc


def main() -> None:
    """Load the product and run one command; ends with SystemExit."""
    gc.disable()  # what is loaded stays to the end: the collector need not look through it while it grows
    from toque import cli

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
