"""What is asked of a concept."""
