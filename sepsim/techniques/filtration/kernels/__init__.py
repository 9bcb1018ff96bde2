"""The kernel of membranes: sieving, films, fouling and flux in steps."""
