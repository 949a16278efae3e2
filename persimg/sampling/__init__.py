"""Base + concepts + guides → pictures."""
