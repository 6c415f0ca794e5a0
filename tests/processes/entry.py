"""`toque` with short leases, so that a test sees within seconds what a dead worker's claims become."""

from __future__ import annotations

from dialer import worker
from dialer.campaigns import leading
from toque.cli import main

if __name__ == "__main__":
    worker.CLAIM_SECONDS, leading.LEAD_SECONDS = 4.0, 2.0
    main()
