"""Plans: what applying steps would do, as a value."""

from gureum.plan.action import Action
from gureum.plan.graph import Graph
from gureum.plan.make import make_plan
from gureum.plan.plan import Plan, PlannedStep
from gureum.plan.reading import read_steps

__all__ = ["Action", "Graph", "Plan", "PlannedStep", "make_plan", "read_steps"]
