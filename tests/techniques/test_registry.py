"""The registry of methods: entries and methods say the same, and a method loads its own package alone."""

import subprocess
import sys

import pytest

from sepsim.techniques import ENTRIES, TECHNIQUES


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_says_what_its_method_says(name):
    method = TECHNIQUES[name]
    assert method.technique == name
    assert method.__doc__.splitlines()[0] == ENTRIES[name].summary


def test_a_method_loads_no_other_technique():
    code = (
        "import sys; from sepsim.techniques import TECHNIQUES; TECHNIQUES['centrifugation'];"
        "print({name.split('.')[2] for name in sys.modules if name.startswith('sepsim.techniques.')})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'centrifugation'}"


def test_an_unknown_method_is_not_there():
    assert "alchemy" not in TECHNIQUES
    with pytest.raises(KeyError):
        TECHNIQUES["alchemy"]
