"""Routes of products."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Product
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
    product = Product(**body.model_dump(exclude_unset=True))
    await save(session, product)
    response.headers["Location"] = location("/products", product.id)
    return ProductRead.model_validate(product)


@router.get("/{product_id}", responses=refuses(404, 422))
async def read_product(product_id: Integer, session: SessionDep) -> ProductRead:
    """Show one product."""
    product = await find(session, Product, product_id)
    return ProductRead.model_validate(product)


@router.patch("/{product_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_product(
    product_id: Integer, body: ProductUpdate, session: SessionDep
) -> ProductRead:
    """Change what was sent of one product, and nothing else."""
    product = await find(session, Product, product_id)
    await save(session, product, body.model_dump(exclude_unset=True))
    return ProductRead.model_validate(product)


@router.delete("/{product_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_product(product_id: Integer, session: SessionDep) -> None:
    """Delete one product for good."""
    product = await find(session, Product, product_id)
    await session.delete(product)
    await session.commit()
