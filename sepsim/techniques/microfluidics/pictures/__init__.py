"""Pictures of microfluidics."""
