"""What tests of all folders share; modules beside this file can be imported from all of them."""

from types import MappingProxyType

import pytest


@pytest.fixture
def with_collecting(monkeypatch):
    """Let protocol files call the technique that hands out numbered fractions."""
    from collecting import Collecting

    from sepsim import protocol_file

    known = {**protocol_file.TECHNIQUES, Collecting.technique: Collecting}
    monkeypatch.setattr(protocol_file, "TECHNIQUES", MappingProxyType(known))
