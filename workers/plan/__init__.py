"""From a resolved document to the frozen plan that templates lay out."""

from workers.plan.ir import (
    CheckPlan,
    ColumnPlan,
    DatabasePlan,
    EnumMemberPlan,
    EnumPlan,
    ForeignKeyPlan,
    IndexPlan,
    LinkPlan,
    LinkSidePlan,
    ModelPlan,
    Plan,
    RelationshipLinkPlan,
    RelationshipPlan,
    UniquePlan,
)
from workers.plan.make import make_plan

__all__ = [
    "CheckPlan",
    "ColumnPlan",
    "DatabasePlan",
    "EnumMemberPlan",
    "EnumPlan",
    "ForeignKeyPlan",
    "IndexPlan",
    "LinkPlan",
    "LinkSidePlan",
    "ModelPlan",
    "Plan",
    "RelationshipLinkPlan",
    "RelationshipPlan",
    "UniquePlan",
    "make_plan",
]
