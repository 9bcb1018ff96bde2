"""Mass spectrometry: ions of a sample are deflected by electric and magnetic fields."""
