"""How long a whole protocol and the light commands take, and how the physics splits; writes protocols.json."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

for variable in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import numba
import numpy as np

import sepsim
from sepsim.particles.catalog import population_names

ROOT = Path(__file__).parents[1]
PROTOCOL = ROOT / "examples" / "protocols" / "differential.toml"
LIGHT = (["--help"], ["list", "rotors"])
CHECKED = sorted(PROTOCOL.parent.glob("*.toml"))


def seconds(call, repeats):
    """Return the times of several calls, the first not counted."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return {"min_s": min(times), "median_s": statistics.median(times)}


def every_population():
    """Return the example protocol on a sample with every population of the catalogue, 40 sizes x 5 densities each."""
    table = sepsim.load_protocol(PROTOCOL).to_table()
    listed = [item["name"] for item in table["sample"]["population"]]
    added = [{"name": name, "particles_per_mL": 1e6} for name in population_names() if name not in listed]
    table["sample"]["population"] += added
    return sepsim.protocol_from_table(table)


def label(words):
    """Return the words of a command with a path shortened to its name."""
    return " ".join(Path(word).name for word in words)


def command(*arguments):
    """Return a call of the command line in a process of its own."""
    return lambda: subprocess.run([sys.executable, "-m", "sepsim", *arguments], capture_output=True, check=True)


def cpu_seconds(call, repeats):
    """Return the least processor time of a process, of its own and of the system, the first not counted."""
    call()
    times = []
    for _ in range(repeats):
        before = os.times()
        call()
        after = os.times()
        times.append(after.children_user - before.children_user + after.children_system - before.children_system)
    return min(times)


def checks(repeats):
    """Return the processor time of `sepsim check` of each example, and that over the one of `import numpy`."""
    numpy = cpu_seconds(lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True), repeats)
    found = {path.stem: cpu_seconds(command("check", str(path)), repeats) for path in CHECKED}
    return {"import numpy": {"cpu_s": numpy}} | {
        f"sepsim check {name}": {"cpu_s": spent, "over_import_numpy": spent / numpy} for name, spent in found.items()
    }


def main():
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer repeats, nothing written")
    quick = options.parse_args().quick
    repeats = 3 if quick else 15
    protocol, whole = sepsim.load_protocol(PROTOCOL), every_population()
    run = whole.run()
    result = {
        "what": {
            "classes": len(run.loaded.particles),
            "populations": len(run.loaded.particles.names),
            "lamm_classes": [step.outcome.trace.lamm_classes for step in run.bench],
        },
        "physics": {
            "differential.toml, bench and ideal": seconds(protocol.run, repeats),
            "differential.toml with every population, bench and ideal": seconds(whole.run, repeats),
        },
        "process": {
            "sepsim run differential.toml": seconds(command("run", str(PROTOCOL)), repeats),
            **{f"sepsim {label(words)}": seconds(command(*words), repeats) for words in LIGHT},
        },
        "check": checks(3 if quick else 5),
        "environment": {
            "cpu": cpu(),
            "load": os.getloadavg(),
            "python": sys.version.split()[0],
            "numpy": np.__version__,
            "numba": numba.__version__,
        },
    }
    if not quick:
        (Path(__file__).parent / "protocols.json").write_text(json.dumps(result, indent=2) + "\n")
    print(f"{result['what']['classes']} particle classes of {result['what']['populations']} populations")
    for group in ("physics", "process"):
        for name, figures in result[group].items():
            print(f"{figures['min_s'] * 1e3:8.0f} ms min {figures['median_s'] * 1e3:8.0f} ms median  {name}")
    for name, figures in result["check"].items():
        print(f"{figures['cpu_s'] * 1e3:8.0f} ms of CPU, {figures.get('over_import_numpy', 1.0):5.1f} x numpy  {name}")


def cpu():
    """Return the model of the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
