"""Small wrong changes to the core, one at a time: does a test notice?

    PYTHONPATH=tests python -m mutants.reach reach.json          which tests run which lines, R hidden
    PYTHONPATH=tests python -m mutants --reach reach.json --seed 1 -n 200 --markdown docs/mutants.md

`sites` finds what can be changed, `reach` which tests run it, `trial` applies one change in a copy of the tree and runs
them, `__main__` draws, counts and reports. Mutants that change nothing stand in `equivalent.toml`, each with its reason.
"""
