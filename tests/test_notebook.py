"""A notebook in a fresh kernel, without any magic: records and pictures show themselves."""

import base64
import struct

import nbformat
import pytest
from nbclient import NotebookClient

SETUP = """
import sepsim
take = {"name": "take", "method": "aliquot", "volume_mL": 2.5, "keep": "aliquot"}
urine = {"source": "urine", "volume_mL": 10, "size_bins": 5, "density_quantiles": 1}
protocol = sepsim.protocol_from_table({"name": "a quarter", "sample": urine, "step": [take]})
run = protocol.run()
"""
LIGHT = "import sys\nprint('matplotlib' in sys.modules)"
TABLES = {
    "protocol": ("a quarter", ">volume_mL = 2.5<"),
    "run": ("a quarter", ">input [particles]<", ">25.0 %<"),
    "protocol.sample": ("10 mL of urine", ">exosome<"),
    "run.product": ("2.5 mL of urine", ">exosome<"),
    "protocol.steps[0].method": (">Aliquot<", ">volume_mL<"),
}
PICTURES = {
    "sepsim.plots.protocol_flow(run)": None,
    "sepsim.plots.size_distributions(run)": None,
    "sepsim.plots.yield_against_purity(run).figure": 720,
    # by now the user's own pictures come from pyplot, whose backend shows them, and ours stay what they are
    "import matplotlib.pyplot as plt; sepsim.plots.yield_against_purity(run)": 720,
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Execute the notebook and return the outputs of each cell by its text."""
    folder = tmp_path_factory.mktemp("notebook")
    texts = [SETUP, LIGHT, *TABLES, *PICTURES]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.delenv("MPLBACKEND", raising=False)
        NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(folder))
    return {text: cell.outputs for text, cell in zip(texts, notebook.cells, strict=True)}


def value(outputs, text):
    """Return the value of a cell that shows nothing else."""
    (output,) = outputs[text]
    assert output.output_type == "execute_result"
    return output


@pytest.mark.slow
def test_a_run_alone_loads_no_drawing(outputs):
    assert outputs[SETUP] == []
    assert outputs[LIGHT][0].text == "False\n"


@pytest.mark.slow
@pytest.mark.parametrize("text", TABLES)
def test_records_show_a_table_and_a_short_line(outputs, text):
    data = value(outputs, text).data
    assert {*data} == {"text/html", "text/plain"}
    assert "<table>" in data["text/html"]
    for part in TABLES[text]:
        assert part in data["text/html"]
    assert len(data["text/plain"]) <= 200


@pytest.mark.slow
@pytest.mark.parametrize("text", PICTURES)
def test_figures_show_a_picture(outputs, text):
    output = value(outputs, text)
    assert {*output.data} == {"image/png", "text/plain"}
    png = base64.b64decode(output.data["image/png"])
    assert png.startswith(b"\x89PNG")
    assert 10_000 < len(png) < 500_000
    page = output.metadata["image/png"]["width"]
    assert struct.unpack(">I", png[16:20])[0] == pytest.approx(2 * page, abs=2)
    assert page == PICTURES[text] or PICTURES[text] is None
