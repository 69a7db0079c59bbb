"""Data, training and distillation of the planner."""
