"""The tables of the database and the classes that stand for their rows."""

from app.models.enums import OrderState
from app.models.orders import Order
from app.models.products import Product

__all__ = [
    "Order",
    "OrderState",
    "Product",
]
