"""Where files that tests read stand."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
PROTOCOLS = ROOT / "sepsim" / "data" / "protocols"
BENCHMARKS = ROOT / "benchmarks"
