"""Precipitation: clusters of what sticks together, and what of them a slow spin brings down."""
