"""The scanners that TWAIN drivers reach."""
# SPDX-License-Identifier: MIT
# Empty, for a worker's child imports it: that has neither pluggy nor the service.
