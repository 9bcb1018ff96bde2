"""Samples: matter in vessels, how it is made, divided and measured."""
