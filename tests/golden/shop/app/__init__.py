"""A shop: customers, products in stock, orders with their lines, and payments."""
