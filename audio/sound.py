"""Sound as a value: samples and their rate. No file and no format here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Mono samples, full scale ±1, at `rate` samples a second."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate
