"""The commands of `toque`: they read the command line, call an act, and print what came of it. No rule is here."""
