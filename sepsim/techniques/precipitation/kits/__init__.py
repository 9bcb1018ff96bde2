"""Kits that precipitate vesicles."""
