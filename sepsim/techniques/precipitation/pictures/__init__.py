"""Pictures of precipitations."""
