"""Documents and pages that survive anything."""
