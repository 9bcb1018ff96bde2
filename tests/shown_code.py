"""All code that a reader is shown as an example: the scripts, and what stands in README, CONTRIBUTING and docs."""

import re

from paths import ROOT

SHOWN = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.py"))} | {
    f"{path.stem}_{number}.py": code
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL))
}
