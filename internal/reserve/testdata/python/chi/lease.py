import json
from datetime import datetime

from . import asked


def written(time):
    """As Blazar reads times: naive ones are UTC."""
    if not isinstance(time, datetime) or time.tzinfo is not None:
        raise TypeError(f"not a naive datetime: {time!r}")
    return time.strftime("%Y-%m-%d %H:%M")


class Lease:
    def __init__(self, name=None, start_date=None, end_date=None, duration=None, lease_json=None):
        if not name or lease_json or (end_date is None) == (duration is None):
            raise ValueError("a new lease needs a name, and either an end or a duration")
        self.body = {
            "name": name,
            "start_date": written(start_date) if start_date else "now",
            "end_date": written(end_date),
            "reservations": [],
        }

    def add_node_reservation(self, amount=None, node_type=None, node_name=None, nodes=None):
        if nodes or not amount or not (node_type or node_name) or (node_name and (amount != 1 or node_type)):
            raise ValueError("want an amount and a type, or 1 and a name")
        properties = ["==", "$node_type", node_type] if node_type else ["==", "$node_name", node_name]
        self.body["reservations"].append({
            "resource_type": "physical:host",
            "resource_properties": json.dumps(properties),
            "min": amount,
            "max": amount,
        })

    def add_flavor_reservation(self, id, amount=1):
        self.body["reservations"].append({"resource_type": "flavor:instance", "flavor_id": id, "amount": amount})

    def submit(self, wait_for_active=True, wait_timeout=300, show=None, idempotent=False, retry_on_error=False):
        asked.append({**self.body, "waits": wait_for_active})
