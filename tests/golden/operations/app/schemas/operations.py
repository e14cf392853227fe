"""What operations take and return."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import OUTPUT, PARAMETERS, Date, Input, Integer, Numeric, PlainDecimal, Text


class CancelOrderInput(BaseModel):
    """What `cancel_order` takes."""

    model_config = PARAMETERS

    order_id: Integer


class ForecastInput(Input):
    """What `forecast` takes."""

    product_id: Integer


class ForecastReturns(BaseModel):
    """What `forecast` returns."""

    model_config = OUTPUT

    gone_on: Date | None


class PlaceOrderInput(Input):
    """What `place_order` takes."""

    product_id: Integer
    quantity: Integer
    deliver_on: Date | None = None


class PlaceOrderReturns(BaseModel):
    """What `place_order` returns."""

    model_config = OUTPUT

    total: PlainDecimal
    left: Integer
    deliver_on: Date | None


class StockValueInput(BaseModel):
    """What `stock_value` takes."""

    model_config = PARAMETERS

    at_most: Numeric | None = None
    names: list[Annotated[Text, Field(max_length=1_000_000)]] | None = Field(
        default=None, max_length=1_000
    )


class StockValueReturns(BaseModel):
    """What `stock_value` returns."""

    model_config = OUTPUT

    value: PlainDecimal
    count: Integer
    names: list[Text]
    json_: Text = Field(alias="json")
