"""Pictures of immunocapture."""
