"""Drivers for real devices, one module per device family. The twin of `sim` is the only device so far."""
