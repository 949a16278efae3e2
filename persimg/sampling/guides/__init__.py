"""One guide a file."""
