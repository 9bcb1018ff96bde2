"""Centrifugation: particles sediment or float in a spinning tube, with or without a density gradient."""
