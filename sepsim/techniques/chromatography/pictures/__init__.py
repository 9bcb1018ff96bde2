"""Pictures of columns."""
