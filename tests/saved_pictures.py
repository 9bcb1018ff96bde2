"""What a picture shows that a command wrote: the file by its pixels, the figure in it by its words."""

import numpy as np
from PIL import Image


def check_png(path, figure, dpi=150):
    """Check that a PNG has the size of its figure, and that something is drawn in each of its quarters."""
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert np.abs(picture.size - dpi * figure.get_size_inches()).max() <= 1
        pixels = np.asarray(picture.convert("L"))
    for half in np.array_split(pixels, 2):
        for quarter in np.array_split(half, 2, axis=1):
            assert quarter.min() < 100 < 250 < quarter.max()


def labels(figure):
    """Return the labels of all axes, and those of the figure, without line breaks."""
    axes = [text for ax in figure.axes for text in (ax.get_xlabel(), ax.get_ylabel())]
    return [text.replace("\n", " ") for text in (*axes, figure.get_supxlabel(), figure.get_supylabel()) if text]


def legends(figure):
    """Return the texts of all legends, without line breaks."""
    drawn = [ax.get_legend() for ax in figure.axes if ax.get_legend()]
    return [text.get_text().replace("\n", " ") for legend in drawn for text in legend.get_texts()]
