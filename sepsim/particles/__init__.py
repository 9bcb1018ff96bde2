"""What is to be separated: vesicles, lipoproteins, proteins and other particles, as classes of a table."""
