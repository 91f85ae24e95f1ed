// The commands that reserve a slot: for python-blazarclient, in a shell and in
// Python.

// quoted is a text in ASCII that JSON and Python read alike, without what a
// shell ends its quotes by, and without commas and equals signs: in those the
// command-line client would look for its own.
const quoted = (text) => JSON.stringify(text).replace(/[^\x20-\x7e]|[',=]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

// minute is a time as Blazar reads it: UTC, to the minute.
const minute = (t) => new Date(t).toISOString().slice(0, 16).replace("T", " ");

// A slot that starts so soon is reserved from now on: its start would be past
// before one has copied the command.
const soon = 2 * 60e3;

// wishes are what to reserve: so many nodes of a type, or else the very nodes
// that are free.
const wishes = (slot, type) => (type
  ? [{ count: slot.nodes.length, member: "resource_properties", property: "$node_type", value: type }]
  : slot.nodes.map((uid) => ({ count: 1, member: "hypervisor_properties", property: "$hypervisor_hostname", value: uid })));

// times are a slot's start, "" for now, and its end.
const times = (slot, now) => {
  const start = Date.parse(slot.start);
  return [start < now + soon ? "" : minute(start), minute(Date.parse(slot.end))];
};

// shell is the command for a shell.
export const shell = (slot, type, now) => {
  const [start, end] = times(slot, now);
  return [
    "openstack reservation lease create",
    ...wishes(slot, type).map((w) => `--reservation resource_type=physical:host,min=${w.count},max=${w.count},${w.member}='["==", "${w.property}", ${quoted(w.value)}]'`),
    ...(start ? [`--start-date '${start}'`] : []),
    `--end-date '${end}'`,
    "my-lease",
  ].join(" \\\n  ");
};

// python is the same for Python.
export const python = (slot, type, now) => {
  const [start, end] = times(slot, now);
  return `import json

import openstack
from blazarclient import client

cloud = openstack.connect(cloud=${quoted(slot.site_id)})  # its name in your clouds.yaml
blazar = client.Client(session=cloud.session)
lease = blazar.lease.create(
    name="my-lease",
    start="${start || "now"}",
    end="${end}",
    reservations=[
${wishes(slot, type).map((w) => `        {
            "resource_type": "physical:host",
            "min": ${w.count},
            "max": ${w.count},
            "${w.member === "resource_properties" ? "hypervisor_properties" : "resource_properties"}": "",
            "${w.member}": json.dumps(["==", "${w.property}", ${quoted(w.value)}]),
        },`).join("\n")}
    ],
    events=[],
)
`;
};
