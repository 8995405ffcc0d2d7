"""An item with a number of its own."""

from yanta.systems.equipment.models import Item

EXAMPLES = {
    Item: lambda n: {"number": f"2026{n:06d}", "serial": f"SN{n}", "model_name": "样机", "maker": "样厂"}
}
