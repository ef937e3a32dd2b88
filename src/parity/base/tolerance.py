"""The only file with tolerance numbers, each with its reason."""

#: Two closed-form solutions of one least-squares problem differ by conditioning times machine epsilon; the bundled
#: problems have condition numbers below 1e6 after scaling, so nine digits are what double precision promises.
EXACT = 1e-9

#: Absorbers iterate until the fixed effects move less than a tolerance (1e-8 to 1e-12 as parity sets it); the error
#: of a coefficient is that tolerance over one minus the convergence rate, hence two digits fewer than closed form.
ITERATIVE = 1e-7

#: Solving the normal equations squares the condition number of the regressors: where an engine does so for columns that
#: aren't centred (2SLS with an intercept), a condition number of 1e4 costs eight digits of sixteen.
NORMAL_EQUATIONS = 1e-8

#: F inverts the covariance and loses its condition number in digits; beyond this it is not compared, the covariance is.
MOST_CONDITION = 1e6

#: A Wald statistic of several coefficients inverts their covariance, too: 4e7 is the largest condition number among 200
#: random panels of spatial models, and costs eight of sixteen digits. Coefficients and errors are judged in full beside it.
WALD = 1e-7

#: Of a double: half the gap between one and the next number above.
UNIT_ROUNDOFF = 2.0**-53

#: Against exact rational arithmetic, on sixty designs with offsets to 1e8, polynomials and near copies, every engine stays
#: within 18 times what `parity.sample.conditioning` says (10 in standard errors, twice that in covariances); a margin above
#: it.
ROUNDING_MARGIN = 64.0

#: The floor that ill-conditioned columns set never passes this, nor a tenth of what one degree of freedom more or less is
#: in a standard error, 1 / (2 N): a difference of convention stays visible, and so does a defect of one in a million.
MOST_FLOOR = 1e-6
#: A tenth: three differences of one degree of freedom beside each other still stand out.
SHARE_OF_A_DEGREE = 0.1

#: A column with no value above this has squares, and covariances, that a double can't hold: it underflows near 1e-308, and
#: the variance of a residual is a few digits below the square of its column.
SMALLEST = 1e-100

#: A count is right or wrong.
COUNT = 0.0

#: A column is absorbed or collinear when what the columns before it leave of it is below this share of its norm.
#: The R package fixest and Stata's _rmcoll use 1e-9 to 1e-13; genuine columns of real data leave more than 1e-6.
COLLINEAR = 1e-9

#: Packages that compute p as one minus a distribution function lose what lies below 1e-16 of 1, so p is judged on no
#: smaller scale than this (1e-6 times EXACT is 1e-15). The t statistic beside it is judged in full.
P_SCALE = 1e-6

#: A covariance whose correlations have a least eigenvalue below this is singular: fewer clusters than moments leave 1e-16
#: times their number, and what is above it still has four digits of an inverse.
SINGULAR = 1e-12

#: Slopes whose correlations have a least eigenvalue below this have no F: fewer clusters than slopes leave 1e-16 times their
#: number, and what is above it still has six digits of an inverse.
SINGULAR_SLOPES = 1e-10

#: Digits of agreement are reported up to this: double precision has no more to compare.
MOST_DIGITS = 16.0


#: An absorber stops when its next step is below its tolerance, 1e-6 to 1e-8 where a package is left at its defaults; in
#: another order of rows or effects it stops elsewhere, by as much over one minus its convergence rate.
STOPS_ELSEWHERE = 1e-5

#: Tolerances at which absorbers stop by default or as people set them: reghdfe 1e-8, fixest 1e-6, and loose ones.
ABSORBERS = (1e-8, 1e-6, 1e-4)
#: One absorber stops elsewhere than another of the same tolerance: what is held against it (a step, a mean of steps) and how
#: it speeds itself up differ, by less than ten times the distance that plain sweeps leave.
STOPPING_MARGIN = 10.0

#: What moves a printed number by more than this share of itself is no rounding that goes unsaid, whoever computed it.
MOST_ROUNDING = 1e-2

#: A standard error below this share of its coefficient is what rounding left of residuals that are zero, and a coefficient
#: below this share of its standard error what it left of none: no digit of it is the same in two programs.
NO_VARIANCE = 1e-10

#: A coefficient that is zero in exact arithmetic comes out of columns that are kept as 4-byte floats within half their last
#: bit, as a share of its standard error: the mean of residuals, regressed on other residuals.
ZERO_OF_FLOATS = 2.0**-24

#: One column made twice, as a share of itself: a 4-byte float, rounded by 2**-24, made of a few that are rounded themselves,
#: against the same made of doubles.
MADE_OF_FLOATS = 2.0**-20

#: A standard error below this share of the homoskedastic one is zero: the scores cancel within the clusters. What is left of
#: a variance that cancels is 1e-16 of its parts, so 1e-8 of a standard error; two digits above that, for N and condition.
CANCELLED = 1e-6

#: Newton's steps on a likelihood end when the next is below this share of every coefficient: its square is below rounding.
LIKELIHOOD_STEP = 1e-10

#: A likelihood that bends by less than this a row, in some direction of columns whose squares have mean one, has no maximum:
#: its slope there, a sum of the rows' slopes, is below what rounding leaves of them, and steps may end anywhere.
FLAT = 1e-12

#: Second derivatives of a series' likelihood are differences, of the sixth order, of complex steps: at this share of the
#: distance from a unit root they are off by some 600 times its sixth power, and by rounding over it and over that distance,
#: which is why such a likelihood counts as iterative: at an inverse root of 0.9997 two engines are 1e-7 apart.
DIFFERENCE = 1e-2

#: An iterated GMM, and Newton's steps on a continuously updated one, end when no coefficient moves by more than this share
#: of its standard error: the next step is a hundredth of it, and below rounding.
MOMENT_STEP = 1e-12

#: Slopes of an objective that rises by one a unit are differences of the fourth order over this share of it: its fourth
#: power and rounding over it, 1e-16 and 1e-12, leave ten digits of a standard error.
OBJECTIVE_STEP = 1e-4

#: Where Stata's commands end Newton's steps by default ([R] Maximize): share of the log likelihood, share of each
#: coefficient, and g'V g, what a further step would gain: the seventh digit of a printed standard error may be that of a
#: point just before the maximum.
LTOLERANCE, STEP_TOLERANCE, NRTOLERANCE = 1e-7, 1e-6, 1e-5

#: How far in standard errors a coefficient may be off the maximum where steps ended before it. NRTOLERANCE lets each be off
#: by its root, 3e-3; the last step is Newton's, which squares what the one before left, so a tenth of that.
STOPPED_BEFORE = 3e-4
#: The same of arima, whose last steps are those of Broyden, Fletcher, Goldfarb and Shanno and square nothing: the example of
#: its manual is 3.2e-4 off.
STOPPED_BEFORE_SECANT = 1e-3
#: Two p-values are printed alike, whatever a window's digits.
P_SHOWN_ALIKE = 5e-7
#: Share of the way from the maximum's chi-squared to that of the printed coefficients and errors by which correlations,
#: which aren't printed, may move it too.
STOPPED_TEST = 0.2

#: Accuracy that an engine claims -> relative difference allowed. Ordered from the most exact.
BY_ACCURACY = {"exact": EXACT, "normal-equations": NORMAL_EQUATIONS, "iterative": ITERATIVE}


def least_accurate(*accuracies: str) -> str:
    """The least exact of several accuracies."""
    return max(accuracies, key=list(BY_ACCURACY).index)


def allowed(*accuracies: str) -> float:
    """Relative difference allowed between estimates of these accuracies."""
    return BY_ACCURACY[least_accurate(*accuracies)]


def moved(accuracy: str) -> float:
    """Relative difference of an engine to itself that is order of summation, not movement."""
    return STOPS_ELSEWHERE if accuracy == "iterative" else allowed(accuracy)


def most_floor(nobs: float) -> float:
    """The largest relative difference that rounding may excuse on N rows."""
    return min(MOST_FLOOR, SHARE_OF_A_DEGREE / (2.0 * max(nobs, 1.0)))


#: The Hausman statistic inverts the difference of two nearly equal covariances, which takes up to three digits.
HAUSMAN = 1e-6

#: J inverts the covariance of the moments at residuals of an estimate: its condition number goes in digits.
OVERIDENTIFIED = 1e-7

#: The variance of products of residuals is a sum of three terms of which the second is subtracted; one digit goes there.
AUTOCORRELATION = 1e-7

#: sigma_u2 and theta are differences of two variance estimates; one digit goes in the subtraction.
VARIANCE_COMPONENT = 1e-8


#: A number of a data file as two readers have it: R's own conversion of a decimal may be off in the last bit or two.
READ = 1e-14

#: A column of a design made by two programs from the same numbers: a few roundings of each value, and of the largest
#: magnitude that was subtracted on the way (R's side counts how much that is), some 16 units in the last place.
MADE, MADE_ROUNDINGS = 1e-12, 4e-15

#: Index scores and weights of two implementations: sums of a few hundred terms of size one, so rounding stays below 1e-13.
INDEX = 1e-12

#: Scores nearer than this (times the largest) are tied: ranks must not hang on the last bit. Above what INDEX allows.
TIE = 1e-11

#: An eigenvector's error is machine epsilon over the gap to the next eigenvalue: INDEX can't be held where the two are
#: nearer than this share of the larger one.
EIGEN_GAP = 1e-3

#: An eigenvalue below this share of the first is zero (columns that repeat each other), and so is a loading below it.
EIGEN_ZERO = 1e-10

#: Eigenvalues of exactly the mean (uncorrelated columns) come out a little above or below it: Kaiser's rule must not care.
KAISER = 1e-9

#: Dimension scores that are equal but for rounding don't vary: below this share of the largest there is no variation.
FLAT = 1e-12

#: Dispersions 1 - e that sum to less than this leave fewer than four digits of a weight.
DISPERSION = 1e-12

#: A replicate as near to the estimate as this, in standard errors, is the estimate: a draw that takes every cluster once
#: gives it again up to rounding, and whether it counts as below must not hang on the last bit. Above what EXACT allows.
REPLICATE_TIE = 1e-8

#: A printed number read as a double is off by at most this share of half a unit of its last digit.
ROUNDING = 1e-6

#: A number typed with more digits than this share of itself says no more: the software that printed it and parity are two
#: closed-form solutions, which agree to nine digits (see EXACT), however many either prints.
TYPED = EXACT
#: Half a unit of the ninth digit is up to five, and with a margin ten, times what TYPED is of a number.
NINTH_DIGIT = 10.0

#: What moves a number by less than this share of itself is no slip of print: 4-byte floats keep 24 bits (6e-8), estimates
#: from data stored so are off by some ten times as much, and absorbers stop at 1e-6 to 1e-8.
SLIP = 1e-6

#: How often a page looks cut by chance: a number that is right is the same cut as rounded half the time; one that is wrong
#: by little is off by just one unit downwards perhaps a quarter of the time; one that is off by a unit upwards has digits
#: (45 to 49 after its last) that rounding twice would explain one time in twenty.
CUT_AS_ROUNDED, OFF_BY_A_UNIT, ROUNDED_UP_TWICE = 0.5, 0.25, 0.05

#: Combinations of causes that a random number of the printed precision would be expected to fit: from here on chance is as
#: good an explanation, and a combination is possible, no more.
MOST_CHANCE = 0.01
#: One cause alone, or one for several numbers at once, is offered below this one, though not for certain: what else moves
#: them all together is no slip.
LIKELY_CHANCE = 0.1
#: What is certain is seldom wrong among all that somebody ever asks, not in one question alone: of numbers that no cause
#: explains, one in a hundred would be named at a chance of 0.01, and a package prints hundreds. Of a thousand such numbers
#: with chances spread evenly over six orders of magnitude below this one, less than a tenth of one is named with certainty.
CERTAIN_CHANCE = 0.001
#: Scenarios of one cause lie about the declared one with as many in each order of magnitude of their distance: of 1,800 on
#: seven specs the density at a distance d (on the logarithm's scale) was between 1 / (10 d) and 1 / (28 d) from 0.01 to 1,
#: and no greater below 0.003; with the causes of authors it came to 1 / (9.5 d) on one of them, which
#: tests/diagnose/test_diagnose.py counts. Denser ones than seen are taken, so that chance is never understated.
CROWDING, NO_DENSER = 9.0, 0.003

#: Columns whose lengths differ by no more than this share are as long as each other: what pivoting leaves of them is known
#: to some 13 digits, and genuine lengths of dummies, roots of counts of rows, differ by far more.
TIED_LENGTHS = 1e-10

#: LSMR stops where the residual's part in the span of the dummies is this share of it: a hundred times below what EXACT
#: asks of a coefficient after division by one minus the convergence rate, and above what rounding lets it reach.
ABSORBED = 1e-13

#: Ends of an Anderson-Rubin set are roots in the angle: located to a few units in the last place of it, absolute near an
#: angle of zero, so that they are known better than EXACT compares them.
SET_END, SET_END_NEAR_ZERO = 1e-14, 1e-15

#: The maximum of a spatial likelihood is where its slope is zero: located to two units in the last place of rho (the least
#: that the search can ask for), absolute near a rho of zero.
MAXIMUM, MAXIMUM_NEAR_ZERO = 8.0 * UNIT_ROUNDOFF, 1e-15

#: N weights, each divided by their sum, sum to one but for N times this: a rounding for each division and each addition.
SUMMED = 2.0 * UNIT_ROUNDOFF

#: A number handed on as text and read again may be another double by a unit or two in the last place: within this it is
#: what was rounded.
HANDED_ON = 1e-14

#: A printed column is likely an estimate of which it has this share of its numbers, where no other has nearly as many: half
#: of them, and a quarter more than the next, are not shared by chance by two regressions of one outcome.
COLUMN_LIKELY, COLUMN_LEAD = 0.5, 0.25
#: Significant digits of coefficients that no two regressions share by chance: one pair in a million.
COLUMN_TELLING = 6
#: A column with as many numbers of an estimate, and none that is off, is that estimate's: two coefficients and what stands
#: below them.
RIGHT_NUMBERS = 4
#: A random number for each group is spanned by a command's columns where less than this share of it is left: dummies that
#: are there leave 1e-13, those that aren't a part that no rounding explains. An outcome whose means of groups differ by less
#: than this share of its spread has lost their effects: floats keep seven digits of what was subtracted.
SPANNED, TAKEN_OUT = 1e-6, 1e-4
#: As many coefficients that are not an estimate's, and all another's of the package, are no slips of the pen.
MISSED = 2
#: A printed column with less than this share reproduced is explained as a whole, by a cause that moves each number; of
#: others single numbers are looked at, for a column that is right in three numbers of four is the estimate itself.
COLUMN_MOSTLY = 0.75
#: A standard error may be that of another convention within this share: a degree of freedom in a hundred moves it by half
#: as much.
CONVENTION_REACH = 0.01
#: Half a unit of the last of three digits is up to this share of a ratio of two printed numbers, at 250 and above; smaller
#: ones are only looked at more often.
PRINTED_RATIO = 0.002

#: Where stars alone are off, each is one of four: none to three.
STAR_BY_CHANCE = 0.25
#: Had floats moved a column's numbers by the share that one of them is off, each other would have left its rounding interval
#: with a chance of that share over the interval's; that all stayed with less than this chance refutes it.
NOT_OF_FLOATS = 0.05

#: Share of numbers, or of programs, beyond which the AEA calls a reproduction partial: "more than a quarter".
PARTIAL = 0.25
#: Share of numbers below which the AEA's "most or all could not be reproduced" is said.
MOST_LOST = 0.1
#: Share of a package's printed numbers that must have been compared for a green exit: where more are out of reach the AEA
#: calls the reproduction partial, and who trusts a green run would take it for whole.
REQUIRED_SHARE = 1 - PARTIAL
#: Share of the reproduced numbers beyond which a package with do-files isn't green by the commands of its logs alone: most
#: of what is right would then be right by code that nobody was given.
MOST_BY_LOGS = 0.5
#: Data are called others than an author's where of so many numbers at least no more than this share comes out right.
OTHER_DATA_NUMBERS, OTHER_DATA_SHARE = 10, 0.1
#: A doubt about the data is answered where more than this share of numbers that hang together is reproduced, at least so
#: many of them printed to at least so many digits: other data would give three such numbers once in 10^9.
DOUBT_SHARE, DOUBT_NUMBERS, DOUBT_DIGITS = 0.75, 3, 3
#: Of data in doubt that give less than this share of the numbers that hang together, those that come out do so by chance:
#: counts and small numbers of other data often do.
DOUBT_BY_CHANCE = 0.5

#: Added before a product is cut to a whole number: 0.29 times 100 is 28.999999999999996 in doubles.
WHOLE = 1e-9

#: A statistic of a draw that is nearer to the observed one than this share of it is as far out: the draw that is the data
#: themselves comes back with other last bits, and counts.
TIED_DRAWS = 1e-10

#: A root of a cubic whose imaginary part is below this share of it is real: rounding parts a double root by 1e-8 of it.
REAL_ROOT = 1e-7

#: Of the variance over an audit's specifications, what rounding leaves of a choice that moves nothing.
MOVES_NOTHING = 1e-9

#: Of a covariance whose least eigenvalue, as a correlation, is below minus this, that is no rounding.
INDEFINITE = 1e-10

#: reghdfe 6 divides a column by no smaller standard deviation than this (`compute_stdevs`).
LEAST_DEVIATION = 1e-3

#: A log writes a hypothesis with seven digits of each number, `.3333333*x - y = 0`: within a unit of the last.
WRITTEN_HYPOTHESIS = 1e-6
