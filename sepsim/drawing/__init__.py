"""The tools of pictures: canvas, palette, curves, labels."""
