"""What a user puts in: double-focusing spectrometers, their designs and their layout."""
