"""The tables of the database and the classes that stand for their rows."""

from app.models.categories import Category
from app.models.categories_products import categories_products
from app.models.customers import Customer
from app.models.enums import CustomerTier, OrderStatus, PaymentMethod
from app.models.order_lines import OrderLine
from app.models.orders import Order
from app.models.payments import Payment
from app.models.products import Product
from app.models.shipped_lines import ShippedLine
from app.models.stock_levels import StockLevel
from app.models.warehouses import Warehouse

__all__ = [
    "Category",
    "Customer",
    "CustomerTier",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Payment",
    "PaymentMethod",
    "Product",
    "ShippedLine",
    "StockLevel",
    "Warehouse",
    "categories_products",
]
