"""All routes of the API, by table."""

from app.api.routes import (
    categories,
    customers,
    order_lines,
    orders,
    payments,
    products,
    shipped_lines,
    stock_levels,
    warehouses,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    categories.router,
    customers.router,
    order_lines.router,
    orders.router,
    payments.router,
    products.router,
    shipped_lines.router,
    stock_levels.router,
    warehouses.router,
)
