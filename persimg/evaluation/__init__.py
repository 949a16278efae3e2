"""Pictures → scores → report."""
