"""A moment and a person that belong together: `signed_off_at` and `signed_off_by` are both set, or neither."""

from django.db.models import CheckConstraint, Q


def tie_at_and_by(name: str, model: str) -> CheckConstraint:
    """The constraint that ties `<name>_at` to `<name>_by` on a model."""
    none = Q(**{f"{name}_at__isnull": True, f"{name}_by__isnull": True})
    both = Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False})
    return CheckConstraint(condition=none | both, name=f"{model}_{name}_at_and_by")
