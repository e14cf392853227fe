"""Routes of categories."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Key, SmallInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Category, Product, categories_products
from app.schemas.categories import CategoryCreate, CategoryQuery, CategoryRead, CategoryUpdate
from app.schemas.products import ProductQuery, ProductRead

router = APIRouter(prefix="/categories", tags=["categories"])


@router.get("", responses=refuses(422))
async def list_categories(
    query: Annotated[CategoryQuery, Query()], session: SessionDep
) -> Page[CategoryRead]:
    """List categories: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Category, query), query, CategoryRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_category(
    body: CategoryCreate, session: SessionDep, response: Response
) -> CategoryRead:
    """Make a new category."""
    category = Category(**body.model_dump(exclude_unset=True))
    await save(session, category)
    response.headers["Location"] = location("/categories", category.id)
    return CategoryRead.model_validate(category)


@router.get("/{category_id}", responses=refuses(404, 422))
async def read_category(category_id: SmallInteger, session: SessionDep) -> CategoryRead:
    """Show one category."""
    category = await find(session, Category, category_id)
    return CategoryRead.model_validate(category)


@router.patch("/{category_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_category(
    category_id: SmallInteger, body: CategoryUpdate, session: SessionDep
) -> CategoryRead:
    """Change what was sent of one category, and nothing else."""
    category = await find(session, Category, category_id)
    await save(session, category, body.model_dump(exclude_unset=True))
    return CategoryRead.model_validate(category)


@router.delete("/{category_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_category(category_id: SmallInteger, session: SessionDep) -> None:
    """Delete one category for good."""
    category = await find(session, Category, category_id)
    await session.delete(category)
    await session.commit()


@router.get("/{category_id}/products", responses=refuses(404, 422))
async def list_products_of_category(
    category_id: SmallInteger, query: Annotated[ProductQuery, Query()], session: SessionDep
) -> Page[ProductRead]:
    """List the products of one category."""
    category = await find(session, Category, category_id)
    linked = (
        select(categories_products)
        .where(
            categories_products.c.category_id == category.id,
            categories_products.c.product_sku == Product.sku,
        )
        .exists()
    )
    rows = select_rows(Product, query).where(linked)
    return await paginate(session, rows, query, ProductRead)


@router.put("/{category_id}/products/{sku}", status_code=204, responses=refuses(404, 409, 422))
async def link_product_to_category(
    category_id: SmallInteger, sku: Key, session: SessionDep
) -> None:
    """Link one of the products to one category; it may be linked already."""
    category = await find(session, Category, category_id)
    product = await find(session, Product, sku)
    linked = select(categories_products).where(
        categories_products.c.category_id == category.id,
        categories_products.c.product_sku == product.sku,
    )
    link = insert(categories_products).values(category_id=category.id, product_sku=product.sku)
    await add_link(session, link, linked)


@router.delete("/{category_id}/products/{sku}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_product_from_category(
    category_id: SmallInteger, sku: Key, session: SessionDep
) -> None:
    """Cut the link between one of the products and one category."""
    category = await find(session, Category, category_id)
    product = await find(session, Product, sku)
    linked = and_(
        categories_products.c.category_id == category.id,
        categories_products.c.product_sku == product.sku,
    )
    if await session.scalar(select(categories_products).where(linked).limit(1)) is None:
        raise not_found("categories_products")
    await session.execute(delete(categories_products).where(linked))
    await session.commit()
