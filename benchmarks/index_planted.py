"""In how many draws a planted variant of an index is named, from scores or weights, in full or as printed.

python benchmarks/index_planted.py [DRAWS]      default 100; exit 1 below 95 %
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from test_derive_explain import count

CASES = (("scores", None), ("scores", 4), ("scores", 3), ("weights", 4), ("weights", 3))

if __name__ == "__main__":
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    enough = True
    for of, digits in CASES:
        hits, n, wrong = count(range(draws), of, digits)
        print(f"{of} {'in full' if digits is None else f'to {digits} digits'}: {hits} of {n} named")
        for seed, variant, _ in wrong[:5]:
            print(f"  not: draw {seed}, {variant}")
        enough &= hits >= 0.95 * n
    sys.exit(0 if enough else 1)
