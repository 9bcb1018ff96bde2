"""Pictures of filtrations."""
