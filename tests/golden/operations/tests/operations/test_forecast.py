"""The operation `forecast`."""

from httpx import AsyncClient

PATH = "/operations/forecast"


async def test_nobody_has_written_it(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][PATH]
    assert "501" in described["post"]["responses"]
