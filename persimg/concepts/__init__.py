"""What training yields: one file of weights with its card."""
