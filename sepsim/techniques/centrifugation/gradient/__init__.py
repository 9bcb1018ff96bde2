"""Density gradients: the liquid, what it does in the spin, what particles do in it, and how it is drawn off."""
