"""The made log as versions of Stata before 17 print it: other spellings, other lines, the same numbers."""

from __future__ import annotations

#: As it is printed now, and as it was.
EARLIER = (
    ("Std. err.", "Std. Err."), ("Std. dev.", "Std. Dev."), ("conf. interval]", "Conf. Interval]"),
    ("Coefficient  Std.", "      Coef.   Std."), ("Odds ratio  Std.", "Odds Ratio   Std."),
    ("–Pagan/Cook–", "-Pagan / Cook-"), ("Assumption: Normal error terms\nVariable: Fitted values of y\n\n", ""),
    ("H0: Constant variance\n\n    chi2(1) =", "         Ho: Constant variance\n         Variables: fitted values of y\n\n"
                                              "         chi2(1)      ="),
    ("test for omitted variables\nOmitted: Powers of fitted values of y\n\nH0: Model has no omitted variables\n",
     "test using powers of the fitted values of y\n       Ho:  model has no omitted variables\n"),
    ("Likelihood-ratio test\nAssumption: B nested within A\n\n LR chi2(1) =",
     "Likelihood-ratio test                                 LR chi2(1)  ="),
    ("\nProb > chi2 = 0.7859", "\n(Assumption: B nested in A)                           Prob > chi2 =    0.7859"),
    ("Mean, SD\nGroup variable:", "mean, sd\n  by categories of:"), ("Model VCE: OIM", "Model VCE    : OIM"),
    ("Expression: Pr(b)", "Expression   : Pr(b)"), ("dy/dx wrt:  x z", "dy/dx w.r.t. : x z"),
    ("ey/ex wrt:  x", "ey/ex w.r.t. : x"), ("Over:       h", "over         : h"),
    ("H0: diff = 0                                Degrees", "    Ho: diff = 0                             degrees"),
    ("H0: mean = 0                                Degrees", "    Ho: mean = 0                             degrees"),
    ("H0: mean(diff) = 0                          Degrees", " Ho: mean(diff) = 0                          degrees"),
    ("Test of H0: Difference in", "    Test:  Ho:  difference in"), ("b = Consistent under H0", "b = consistent under Ho"),
    ("obtained from xtreg.", "obtained from xtreg"), ("B = Inconsistent under Ha, efficient under H0",
                                                      "B = inconsistent under Ha, efficient under Ho"),
    ("H0: Variables are exogenous", "Ho: variables are exogenous"),
    ("Difference       Std. Err.", "Difference          S.E."),
    ("R-squared:       ", "R-sq:            "), ("Within  =", "within  ="), ("Between =", "between ="),
    ("Overall =", "overall ="), ("Endogenous: x\nExogenous:  z", "Instrumented:  x\nInstruments:   z"),
    ("Panel variable: g (unbal", "       panel variable:  g (unbal"), ("Time variable:", "        time variable: "),
    ("(50 changes made to h)", "(h: 50 changes made)"), ("Combined |", "combined |"),
)  # fmt: skip


def earlier(text: str) -> str:
    for now, then in EARLIER:
        assert now in text, now
        text = text.replace(now, then)
    return text
