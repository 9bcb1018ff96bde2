"""Ions: peptides, isotopes, charge, and which ions a sample gives."""
