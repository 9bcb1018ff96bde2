"""Pictures of spins and of gradients."""
