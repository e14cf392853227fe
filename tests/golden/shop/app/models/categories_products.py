"""The table `categories_products`, which links two others."""

import sqlalchemy as sa

from app.models import base

categories_products = sa.Table(
    "categories_products",
    base.Base.metadata,
    sa.Column(
        "category_id",
        sa.SmallInteger(),
        sa.ForeignKey("categories.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "product_sku",
        sa.String(32),
        sa.ForeignKey("products.sku", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
