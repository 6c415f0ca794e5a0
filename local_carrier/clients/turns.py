"""Tells when somebody has spoken and paused, by energy alone. Pure; it is told of time frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

from local_carrier.lines.outlet import FRAME_SECONDS

# Speech at an ordinary microphone lies about 26 dB below full scale (ITU-T P.56 levels, as the prompts have them),
# a quiet room with noise suppression below -50 dB: -40 dB lies between.
SPEECH_LEVEL = 0.01
# In a louder room speech stands out of the noise, by about 10 dB; the noise is what stays, over a few seconds.
ABOVE_NOISE = 3.0
NOISE_FOLLOWS = 0.005  # of the way to the present level, each frame: four seconds
# Shorter than a syllable is a click or a breath; the shortest answers ("sim", "yes", "oui") take about 0.25 s.
LEAST_SPEECH_SECONDS = 0.2
# People answer each other after about 0.2 s in all languages (Stivers et al., PNAS 106, 2009), yet pause longer
# inside a sentence when they read one: a listener that waits 0.8 s does not cut in.
PAUSE_SECONDS = 0.8
# After so long a silence people ask whether somebody is there.
SILENCE_SECONDS = 9.0


@dataclass(slots=True)
class Turn:
    """One turn of the other side: how long it has been heard, and has been quiet since; and the noise of the room."""

    noise: float = 0.0
    voiced: float = 0.0
    quiet: float = 0.0

    def passes(self, level: float) -> None:
        """One more frame's time has passed at this level; 0 when nothing came."""
        self.noise = min(level, self.noise + (level - self.noise) * NOISE_FOLLOWS)
        if level >= max(SPEECH_LEVEL, ABOVE_NOISE * self.noise):
            self.voiced, self.quiet = self.voiced + FRAME_SECONDS, 0.0
        else:
            self.quiet += FRAME_SECONDS

    @property
    def over(self) -> bool:
        """Whether something was said and a pause has followed."""
        return self.voiced >= LEAST_SPEECH_SECONDS and self.quiet >= PAUSE_SECONDS

    @property
    def missing(self) -> bool:
        """Whether nothing worth an answer has come for so long that one asks."""
        return self.quiet >= SILENCE_SECONDS
