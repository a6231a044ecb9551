"""The rows of every table: what is run, beside what, and with what aim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.benchmark.runs import Instance, Run

AREAS = 34_751  # England and Wales
UNITS = 125
TINY = Instance("places", zones=60, units=8)

# Allen and others (2017), BMJ Open e018143: units -> mean minutes, share within 30 minutes.
PUBLISHED = {24: (34, 52), 50: (26, 70), 75: (22, 84), 100: (19, 88)}


@dataclass(frozen=True)
class Aim:
    """What reconfig should reach: seconds, MB, times a rival's speed.

    proven: and with its best proven, where it looks for one.
    """

    seconds: float | None = None
    memory: float | None = None
    times: float | None = None
    proven: bool = True


@dataclass(frozen=True)
class Row:
    """A row: reconfig's run, and the same asked of rivals.

    series: rows of a series go on until a rival has not finished.
    """

    name: str
    run: Run
    rivals: tuple[Run, ...] = ()
    aim: Aim | None = None
    series: str = ""

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run that the row needs."""
        return (self.run, *self.rivals)


def england(quick: bool) -> list[Row]:
    """Block 1: England, 32,843 areas x 125 units."""
    place = TINY if quick else Instance("england")
    few, usual = ((), (2,)) if quick else ((5, 8, 10, 15), (24, 50, 75, 100))
    middle = 2 if quick else 50
    rows = [
        *(Row(f"p-median, p = {p}", Run(place, p=p), aim=Aim(5, 1000)) for p in usual),
        *(Row(f"p-median, p = {p}", Run(place, p=p), aim=Aim(20)) for p in few),
    ]
    first, last = (2, 4) if quick else (5, UNITS)
    curve = Run(place, "frontier", p=first, last=last)
    rows.append(Row(f"p-median, every p from {first} to {last}", curve, aim=Aim(180)))
    for minutes in (30,) if quick else (30, 45):
        run = Run(place, "mclp", p=middle, minutes=minutes)
        rows.append(Row(f"MCLP, {minutes} minutes, p = {middle}", run, aim=Aim(2)))
    if quick:
        return rows
    return [
        Row("loading the region", Run(place, "load_region")),
        *rows,
        Row("LSCP, everyone within 90 minutes", Run(place, "lscp", minutes=90), aim=Aim(2)),
        Row(
            "LSCP, 85 % within 30 minutes",
            Run(place, "lscp", minutes=30, share=0.85),
            aim=Aim(2),
        ),
        Row("p-center, p = 50", Run(place, "p_center", p=50), aim=Aim(10)),
        Row(
            "p-median, p = 75, half within 45 minutes in every integrated care board",
            Run(place, p=75, minutes=45, share=0.5, by="icb"),
        ),
        Row(
            "p-median, p = 50, 40 % within 30 minutes in every integrated care board",
            Run(place, p=50, minutes=30, share=0.4, by="icb"),
        ),
    ]


def volumes(quick: bool) -> list[Row]:
    """Block 2: bounds on the volumes of open units, which bind, with all going to the nearest."""
    if quick:
        run = Run(TINY, "within_volumes", p=2, last=4, smallest=60.0, largest=200.0)
        return [Row("points, 2 to 4 units of 60 to 200 cases", run)]
    whole = Run(
        Instance("england"),
        "within_volumes",
        p=65,
        last=90,
        minutes=30,
        smallest=600.0,
        largest=2000.0,
        time_limit=600.0,
    )
    spread, around = (Instance(kind, zones=9000, units=30) for kind in ("england", "around"))
    part = replace(whole, instance=spread, p=10, last=0, minutes=0, smallest=1500.0, largest=3500.0)
    return [
        Row("England, 65 to 90 units of 600 to 2,000, 30 minutes", whole, aim=Aim(600)),
        Row("England, 65 to 90 units of 600 to 2,000, mean", replace(whole, minutes=0)),
        Row("England, 75 units of 600 to 2,000, 30 minutes", replace(whole, p=75, last=75)),
        Row(
            "England, 40 to 90 units of 900 to 2,000, 30 minutes",
            replace(whole, p=40, smallest=900.0, time_limit=300.0),
        ),
        Row("30 units spread x 9,000 areas, 10 of 1,500 to 3,500, mean", part, aim=Aim(60)),
        Row(
            "30 units spread x 9,000 areas, 10 of 1,500 to 3,500, 30 minutes",
            replace(part, minutes=30),
            aim=Aim(60),
        ),
        Row(
            "30 units together x 9,000 areas, 10 of 1,500 to 3,500, mean",
            replace(part, instance=around),
            aim=Aim(60),
        ),
        Row(
            "30 units together x 9,000 areas, 10 of 1,700 to 3,500, 30 minutes",
            replace(part, instance=around, minutes=30, smallest=1700.0),
            aim=Aim(60),
        ),
    ]


def greater_manchester(quick: bool) -> list[Row]:
    """Block 3: Greater Manchester's 1,673 areas x 30 units, beside lokigi."""
    place = TINY if quick else Instance("greater-manchester", units=30)
    few, more, last = (2, (2,), 3) if quick else (3, (5, 10), 30)
    lokigi = Run(place, "brute_force", p=few, tool="lokigi")
    return [
        Row(
            f"p-median, every p from 1 to {last}, the slowest",
            Run(place, "every_p", p=1, last=last),
            aim=Aim(0.3),
        ),
        Row(f"p-median, p = {few}", Run(place, p=few), (lokigi,), Aim(times=100)),
        *(
            Row(
                f"p-median, p = {p}",
                Run(place, p=p),
                (replace(lokigi, task="grasp", p=p),),
                Aim(times=100),
            )
            for p in more
        ),
    ]


def spopt(quick: bool) -> list[Row]:
    """Block 4: growing parts of the national matrix, beside spopt."""
    if quick:
        return [_beside_spopt(60, 8, 2, ("HiGHS", "CBC"), place=TINY)]
    both = ("HiGHS", "CBC")
    return [
        _beside_spopt(500, 50, 5, both),
        _beside_spopt(1000, 50, 10, both),
        _beside_spopt(2000, 50, 5, aim=Aim(times=100)),
        _beside_spopt(2000, 50, 10, aim=Aim(times=100)),
        _beside_spopt(2000, 100, 10, aim=Aim(times=100)),
        *(
            _beside_spopt(n, 50, 10, aim=Aim(times=100), series="growing")
            for n in (3000, 4000, 8000, 16_000, 32_000)
        ),
    ]


def uniform(quick: bool) -> list[Row]:
    """Block 5: random instances, where many sets are distinct."""
    if quick:
        return [_random("random", 40, 8, 3, rival=True)]
    return [
        *(_random("places", 2000, 50, p, rival=p == 10) for p in (5, 10, 25)),
        _random("places", 20_000, 100, 10),
        *(_random("random", 200, 20, p, rival=p < 10) for p in (3, 5, 10)),
        *(_random("random", 500, 30, p) for p in (3, 5, 10)),
        _random("random", 2000, 50, 5),
    ]


def growth(quick: bool) -> list[Row]:
    """Block 6: more areas, and more units."""
    if quick:
        return [_real(60, 8, 2, place=TINY)]
    return [
        *(_real(n, UNITS, 25) for n in (2000, 4000, 8000, 16_000, AREAS)),
        *(_real(AREAS, m, 10) for m in (25, 50, 75, 100, UNITS)),
    ]


def limits(quick: bool) -> list[Row]:
    """Block 7: what reading and sorting alone cost, and a whole solve."""
    place, p = (TINY, 2) if quick else (Instance("england"), 50)
    rows = [
        Row("pandas reads the file of minutes", Run(place, "read_matrix")),
        Row("numpy sorts each zone's sites once", Run(place, "sort_rows")),
        Row("reconfig finds the nearest-site sets", Run(place, "find_sets")),
        Row(
            f"reconfig's first solve, p = {p}",
            Run(place, "two_solves", p=p, last=p + 1),
        ),
    ]
    return rows[1:2] + rows[3:] if quick else rows


# What each question of `tests.benchmark.questions` is called.
QUESTIONS = {
    "best_under_limits": "best four sites under limits by district, by fifth and on volumes",
    "smallest_gap": "smallest gap between deprivation fifths",
    "two_measures": "frontier of lives and journeys, every number of sites",
    "three_measures": "frontier of lives, journeys and the gap between fifths, four sites",
    "alternatives": "every choice of four within a minute of the best",
    "importance": "each site locked in and out",
    "why_not": "why not this site",
    "conflict": "four sites, 90 % within 15 minutes: the conflict and what would give way",
    "together": "surgery at four sites and stroke at three, with what one needs",
    "two_tiers": "three stroke units and a thrombectomy centre among them, most QALYs",
    "choice": "patients who choose, five orders",
    "directed": "patients who are directed, 270 cases at least a site",
    "volume_curve": "lives by volume, three vascular centres",
}


def answers(quick: bool) -> list[Row]:
    """Block 11: what a planner asks of the ten sites, each in a process of its own."""
    place = Instance("embedded")
    asked = ["two_measures"] if quick else list(QUESTIONS)
    return [
        Row(QUESTIONS[ask], Run(place, "question", ask=ask), aim=Aim(10, proven=False))
        for ask in asked
    ]


def batches(quick: bool) -> list[Row]:
    """Block 12: many scenarios in a store, with one worker process and with two."""
    place = Instance("embedded")
    if quick:
        return [Row("2 scenarios", Run(place, "batch", ask="few", workers=1))]
    names = {
        "thousand": "1,000 scenarios of Greater Manchester, 200 regions",
        "national": "125 scenarios of England, the p-median for every number of units",
    }
    return [
        Row(
            f"{name}, {workers} worker{'s' if workers > 1 else ''}",
            Run(place, "batch", ask=ask, workers=workers),
            aim=Aim(300) if workers == 2 else None,
        )
        for ask, name in names.items()
        for workers in (1, 2)
    ]


def uncertainty(quick: bool) -> list[Row]:
    """Block 8: what sampled assumptions make of every choice, all at once."""
    draws = 50 if quick else 5000
    name = f"uncertainty: {draws:,} draws x all 210 choices of four of ten x 1,930 zones"
    run = Run(Instance("with-fringe"), "uncertainty", p=4, draws=draws)
    aim = Aim(10, proven=False)
    return [Row(name, run, aim=aim)]


def yardstick(quick: bool) -> list[Row]:
    """Block 9: the published optima of a genetic algorithm; reconfig's p-median and MCLP."""
    place = TINY if quick else Instance("england")
    return [
        Row(f"{p} units", Run(place, p=p), (Run(place, "mclp", p=p, minutes=30),))
        for p in ([2] if quick else PUBLISHED)
    ]


def _real(zones: int, units: int, p: int, *, place: Instance | None = None) -> Row:
    place = place or Instance("england-and-wales", zones=zones, units=units)
    return Row(f"{zones:,} areas x {units} units, p = {p}", Run(place, p=p))


def _beside_spopt(
    zones: int,
    units: int,
    p: int,
    solvers: Iterable[str] = ("HiGHS",),
    *,
    place: Instance | None = None,
    aim: Aim | None = None,
    series: str = "",
) -> Row:
    row = _real(zones, units, p, place=place)
    return replace(row, rivals=_spopt(row.run, solvers), aim=aim, series=series)


def _random(kind: str, zones: int, units: int, p: int, *, rival: bool = False) -> Row:
    what = "points" if kind == "places" else "random minutes"
    run = Run(Instance(kind, zones=zones, units=units), p=p, time_limit=60.0)
    rivals = _spopt(run, ["HiGHS"]) if rival else ()
    return Row(f"{what}, {zones:,} x {units}, p = {p}", run, rivals)


def _spopt(run: Run, solvers: Iterable[str]) -> tuple[Run, ...]:
    asked = replace(run, tool="spopt", time_limit=None)
    return tuple(replace(asked, solver=s) for s in solvers)
