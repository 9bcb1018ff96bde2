"""What a user puts in: beads, ligands, magnets, ways to elute."""
