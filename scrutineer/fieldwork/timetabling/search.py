"""CP-SAT as this project uses it: a time limit, progress, and a record of how far the search got."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.timetabling.timetable import Stage

_WORKERS = 8

Progress = Callable[[str, float, float | None], None]
"""Called with what is being done, the seconds spent and the gap so far."""


def import_solver() -> Any:
    """The optimiser.

    Raises:
        UserError: it is not installed.
    """
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        what = "the optimiser is not installed"
        raise UserError(
            Fault(
                "scrutineer timetable",
                what,
                "Install it with: pip install 'scrutineer[plan]'",
            )
        ) from None
    return cp_model


def solve(model: Any, name: str, seconds: float, seed: int, progress: Progress) -> tuple[Any, Stage]:
    """Search for a number of seconds, or until the best plan is proved.

    Returns:
        The solver, whose values hold where the stage has an objective; and how far it got.
    """
    cp_model = import_solver()

    class Watch(cp_model.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]  # of a library without types
        """Notes when the first plan was found, and tells of every better one."""

        def __init__(self) -> None:
            super().__init__()
            self.first: float | None = None

        def on_solution_callback(self) -> None:
            if self.first is None:
                self.first = self.wall_time
            cost, bound = self.objective_value, self.best_objective_bound
            # Early bounds can be below zero. The gap would then be more than the whole cost.
            progress(name, self.wall_time, min((cost - bound) / cost, 1.0) if cost else 0.0)

    solver, watch = cp_model.CpSolver(), Watch()
    solver.parameters.max_time_in_seconds = seconds
    # The solver takes a 32-bit signed number, but a seed may have 64 bits.
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.num_workers = _WORKERS
    status = solver.solve(model, watch)
    has_solution = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    stage = Stage(
        name=name,
        objective=solver.objective_value if has_solution else None,
        bound=solver.best_objective_bound if has_solution else None,
        proved=status == cp_model.OPTIMAL,
        first_plan_seconds=watch.first,
        seconds=solver.wall_time,
    )
    return solver, stage


def solve_from(
    model: Any, cost: Any, name: str, seconds: float, seed: int, progress: Progress
) -> tuple[Any, Stage]:
    """Start the search from the plan that the model's hints give, if they give one: nothing more expensive is considered.

    Returns:
        The solver with the best plan, and how far it got.
    """
    cp_model = import_solver()
    start = cp_model.CpSolver()
    # A hint is only advice to the solver. Fixing every variable to it first turns a good plan at hand into a certain one.
    start.parameters.fix_variables_to_their_hinted_value = True
    start.parameters.max_time_in_seconds = min(seconds, 5.0)
    if start.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return solve(model, name, seconds, seed, progress)
    begun, first = start.wall_time, start.objective_value
    progress(name, begun, None)
    # The bound lets the solver discard every more expensive branch from the start.
    model.add(cost <= round(first))
    solver, stage = solve(
        model, name, max(seconds - begun, 0.1), seed, lambda what, at, gap: progress(what, at + begun, gap)
    )
    statistics = {"first_plan_seconds": begun, "seconds": stage.seconds + begun}
    # Nothing as good was found again in the time, so the starting plan is the result.
    if stage.objective is None:
        return start, stage.model_copy(
            update={**statistics, "objective": first, "bound": None, "proved": False}
        )
    return solver, stage.model_copy(update=statistics)
