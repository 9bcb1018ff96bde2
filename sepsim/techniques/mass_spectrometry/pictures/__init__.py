"""Pictures of spectra and of ion paths."""
