"""Small wrong changes to the core, one at a time: does a test notice?

    PYTHONPATH=tests python -m mutants.reach reach.json          which tests run which lines, R hidden
    PYTHONPATH=tests python -m mutants --reach reach.json --seed 1 -n 200 --keep before
    PYTHONPATH=tests python -m mutants.reach more.json tests/x/test_new.py        the same of files written since
    PYTHONPATH=tests python -m mutants --reach reach.json more.json --again tests/mutants/draws/1-before.json --keep after
    PYTHONPATH=tests python -m mutants.page docs/evidence/mutants.md tests/mutants/draws/*.json

`parts` says which files, `sites` what can be changed, `reach` which tests run it, `trial` tries one change in a copy of the
tree: by `swap` in modules imported already, by `server` from the start where it is in no function; `__main__` draws, `page`
counts and reports. Mutants that change nothing stand in `equivalent.toml`, each with its reason.
"""
