"""The application, whose description also knows what a problem looks like."""

from typing import Any

from fastapi import FastAPI

from app.core.errors import Problem


class Api(FastAPI):
    """A FastAPI application that describes its problems once, for all routes to refer to."""

    def openapi(self) -> dict[str, Any]:
        """Describe the API, `Problem` included."""
        if self.openapi_schema is None:
            description = super().openapi()
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = description.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(schema.pop("$defs"))
            schemas["Problem"] = schema
        return super().openapi()
