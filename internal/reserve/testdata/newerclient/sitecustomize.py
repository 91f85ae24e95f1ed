"""Teaches an old python-blazarclient what a newer one knows of flavors.

The members are those of https://github.com/openstack/python-blazarclient,
blazarclient/v1/shell_commands/leases.py (commit 1332265), which has a row more for
flavor:instance. 3.5 takes such reservations for others, of which it can read none.
"""

try:
    from blazarclient.v1.shell_commands import leases
except ImportError:
    pass  # another Python
else:
    keys = leases.CREATE_RESERVATION_KEYS
    if "flavor:instance" not in keys:
        keys["others"] = {"flavor_id": "", "amount": "", "affinity": "None", "resource_type": "flavor:instance"}
