"""All routes of the API."""

from fastapi import APIRouter

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

router = APIRouter()
router.include_router(categories.router)
router.include_router(customers.router)
router.include_router(order_lines.router)
router.include_router(orders.router)
router.include_router(payments.router)
router.include_router(products.router)
router.include_router(shipped_lines.router)
router.include_router(stock_levels.router)
router.include_router(warehouses.router)
