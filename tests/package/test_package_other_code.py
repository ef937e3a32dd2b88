"""Code in R or Python beside do-files, or alone: said to be unrun, with what can be compared all the same."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.base.errors import InputError
from parity.package.verify import verify


@pytest.mark.parametrize("names", [("figures.R",), ("a.R", "b.Rmd", "c.r", "d.R", "make.py")])
def test_code_beside_a_do_file_is_said_to_be_unrun(tmp_path, names):
    data_into(tmp_path)
    code = READ + "eststo: regress y x w\n" + WRITE
    (tmp_path / "main.do").write_text(code)
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code))
    assert verify(tmp_path).classification == "full"
    for name in names:
        (tmp_path / name).write_text("x <- 1\n")
    report = verify(tmp_path)
    said = [f.text for f in report.findings if f.id == "other-code-not-run"]
    assert len(said) == len({n.rpartition(".")[2].lower()[:1] for n in names})
    assert ("1 file of R (figures.R)" if len(names) == 1 else "4 files of R (a.R, b.Rmd, c.r and 1 more)") in said[0]
    assert report.classification == "full with minor issues" and report.exit_code == 0


def test_a_package_in_r_alone_says_what_can_be_compared(tmp_path):
    data_into(tmp_path)
    code = READ + "regress y x w\n"
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code))
    (tmp_path / "main.R").write_text("fixest::feols(y ~ x + w, d)\n")
    with pytest.raises(InputError) as error:
        verify(tmp_path)
    said = str(error.value)
    assert (
        "R: main.R" in said and "parity new NAME --data d.csv" in said and "parity explain NAME SPEC --table t.csv" in said
    )
    (tmp_path / "main.R").unlink()
    with pytest.raises(InputError, match="nothing to verify"):
        verify(tmp_path)
