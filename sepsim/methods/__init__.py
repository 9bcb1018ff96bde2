"""The techniques."""
