"""Routes of products."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Key, SmallInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save, spelled_out
from app.models import Category, Order, OrderLine, Product, categories_products
from app.schemas.categories import CategoryQuery, CategoryRead
from app.schemas.orders import OrderQuery, OrderRead
from app.schemas.products import ProductCreate, ProductQuery, ProductRead, ProductUpdate

router = APIRouter(prefix="/products", tags=["products"])


@router.get("", responses=refuses(422))
async def list_products(
    query: Annotated[ProductQuery, Query()], session: SessionDep
) -> Page[ProductRead]:
    """List products: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Product, query), query, ProductRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_product(
    body: ProductCreate, session: SessionDep, response: Response
) -> ProductRead:
    """Make a new product."""
    product = Product(**spelled_out(body.model_dump(exclude_unset=True)))
    await save(session, product)
    response.headers["Location"] = location("/products", product.sku)
    return ProductRead.model_validate(product)


@router.get("/{sku}", responses=refuses(404, 422))
async def read_product(sku: Key, session: SessionDep) -> ProductRead:
    """Show one product."""
    product = await find(session, Product, sku)
    return ProductRead.model_validate(product)


@router.patch("/{sku}", responses=refuses(400, 404, 409, 413, 422))
async def update_product(sku: Key, body: ProductUpdate, session: SessionDep) -> ProductRead:
    """Change what was sent of one product, and nothing else."""
    product = await find(session, Product, sku)
    await save(session, product, body.model_dump(exclude_unset=True))
    return ProductRead.model_validate(product)


@router.delete("/{sku}", status_code=204, responses=refuses(404, 409, 422))
async def delete_product(sku: Key, session: SessionDep) -> None:
    """Delete one product for good."""
    product = await find(session, Product, sku)
    await session.delete(product)
    await session.commit()


@router.get("/{sku}/orders", responses=refuses(404, 422))
async def list_orders_of_product(
    sku: Key, query: Annotated[OrderQuery, Query()], session: SessionDep
) -> Page[OrderRead]:
    """List the orders of one product."""
    product = await find(session, Product, sku)
    linked = (
        select(OrderLine)
        .where(OrderLine.product_sku == product.sku, OrderLine.order_id == Order.id)
        .exists()
    )
    rows = select_rows(Order, query).where(linked)
    return await paginate(session, rows, query, OrderRead)


@router.get("/{sku}/categories", responses=refuses(404, 422))
async def list_categories_of_product(
    sku: Key, query: Annotated[CategoryQuery, Query()], session: SessionDep
) -> Page[CategoryRead]:
    """List the categories of one product."""
    product = await find(session, Product, sku)
    linked = (
        select(categories_products)
        .where(
            categories_products.c.product_sku == product.sku,
            categories_products.c.category_id == Category.id,
        )
        .exists()
    )
    rows = select_rows(Category, query).where(linked)
    return await paginate(session, rows, query, CategoryRead)


@router.put("/{sku}/categories/{category_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_category_to_product(
    sku: Key, category_id: SmallInteger, session: SessionDep
) -> None:
    """Link one of the categories to one product; it may be linked already."""
    product = await find(session, Product, sku)
    category = await find(session, Category, category_id)
    linked = select(categories_products).where(
        categories_products.c.product_sku == product.sku,
        categories_products.c.category_id == category.id,
    )
    link = insert(categories_products).values(product_sku=product.sku, category_id=category.id)
    await add_link(session, link, linked)


@router.delete("/{sku}/categories/{category_id}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_category_from_product(
    sku: Key, category_id: SmallInteger, session: SessionDep
) -> None:
    """Cut the link between one of the categories and one product."""
    product = await find(session, Product, sku)
    category = await find(session, Category, category_id)
    linked = and_(
        categories_products.c.product_sku == product.sku,
        categories_products.c.category_id == category.id,
    )
    if await session.scalar(select(categories_products).where(linked).limit(1)) is None:
        raise not_found("categories_products")
    await session.execute(delete(categories_products).where(linked))
    await session.commit()
