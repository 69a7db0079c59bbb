"""Control laws and observations, vectorised over n robots: one in the controller, hundreds in training. NumPy only."""
