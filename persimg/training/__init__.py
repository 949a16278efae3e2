"""The loop, and the choice of a checkpoint."""
