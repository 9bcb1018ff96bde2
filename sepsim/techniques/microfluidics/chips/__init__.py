"""What a user puts in: chips, one record for each mechanism."""
