"""The tables of the database and the classes that stand for their rows."""

from app.models.order_lines import OrderLine
from app.models.orders import Order

__all__ = [
    "Order",
    "OrderLine",
]
