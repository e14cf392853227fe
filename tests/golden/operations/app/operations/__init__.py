"""Rules beyond reading and writing rows.

Each function gets the session of the request. Its route commits once it has returned, unless it is
asked with GET; what it did is rolled back if it raises.
"""

from app.operations.cancel_order import cancel_order
from app.operations.place_order import place_order
from app.operations.stock_value import stock_value

__all__ = [
    "cancel_order",
    "place_order",
    "stock_value",
]
