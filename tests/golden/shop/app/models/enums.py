"""The values that columns choose from."""

import enum


class CustomerTier(enum.StrEnum):
    """Values of customers.tier."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"


class OrderStatus(enum.StrEnum):
    """Values of orders.status."""

    CART = "cart"
    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class PaymentMethod(enum.StrEnum):
    """Values of payments.method."""

    CARD = "card"
    TRANSFER = "transfer"
    CASH_ON_DELIVERY = "cash on delivery"
    VOUCHER = "voucher"
