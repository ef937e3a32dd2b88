"""Index scores, weights, entropies and ranks of Python against R on random indicator sets: every variant, every set.

python benchmarks/index_twins.py [SETS]      default 200; exit 1 if any number differs
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from test_derive_index import disagreements

if __name__ == "__main__":
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    start = time.perf_counter()
    wrong, agreed, refused = disagreements(range(sets))
    for case in wrong[:20]:
        print(*case)
    print(
        f"{sets} sets: {agreed} forms agree to 1e-12, {refused} refused by both, {len(wrong)} differ "
        f"({time.perf_counter() - start:.0f} s)"
    )
    sys.exit(1 if wrong else 0)
