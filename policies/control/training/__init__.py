"""Training of the controllers. Research: imports the simulator and torch, and never runs on a robot."""
