"""How do I describe a sample of my own, with sizes measured by NTA?"""

import tempfile
from pathlib import Path

import sepsim

folder = Path(tempfile.mkdtemp())
measured = folder / "nta.csv"  # or an ExperimentSummary file of NanoSight NTA 3.2
measured.write_text("diameter_nm,particles_per_mL\n60,2e8\n80,6e8\n100,8e8\n130,4e8\n170,1e8\n")

protocol = sepsim.protocol_from_table(
    {
        "name": "my vesicles in PBS",
        "target": "my vesicles",
        "sample": {
            "volume_mL": 12,
            "medium": "PBS",
            "population": [
                {"name": "my vesicles", "kind": "vesicle", "sizes_csv": "nta.csv"},
                {"name": "albumin", "mass_mg_per_mL": 0.5},
            ],
        },
        "step": [
            {
                "name": "spin",
                "method": "centrifugation",
                "rotor": "SW 41 Ti",
                "speed_rpm": 39_000,
                "time_min": 60,
                "resuspend": {"medium": "PBS", "volume_mL": 0.1},
                "keep": "pellet",
            }
        ],
    },
    folder,
)
print(protocol.run().summary())
