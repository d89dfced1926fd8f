"""The scanners that SANE knows."""
# Empty, for each scanner's child imports it and has no use for hooks.
