"""What a user puts in: columns, their resins, and which sizes fit into a bead."""
