"""What `persimg bench NAME` runs: measurements side by side, one file each."""
