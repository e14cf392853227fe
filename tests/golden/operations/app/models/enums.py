"""The values that columns choose from."""

import enum


class OrderState(enum.StrEnum):
    """Values of orders.state."""

    OPEN = "open"
    CANCELLED = "cancelled"
