// The commands that reserve a slot: for python-blazarclient, in a shell and in
// Python.

// quote writes a text in ASCII that JSON and Python read alike. It escapes single
// quotes, which would end the shell's, and commas and equals signs, at which the
// command-line client splits its arguments.
const quote = (text) =>
  JSON.stringify(text).replace(/[^\x20-\x7e]|[',=]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

// formatTime writes a time as Blazar reads it: UTC, to the minute.
const formatTime = (t) => new Date(t).toISOString().slice(0, 16).replace("T", " ");

// A slot that starts within this time, in milliseconds, is reserved from now on:
// its start would be past before the command is copied.
const margin = 2 * 60e3;

// reservations are what to reserve: so many nodes of a type, or without one
// exactly the slot's nodes.
const reservations = (slot, type) =>
  type
    ? [{ count: slot.nodes.length, member: "resource_properties", property: "$node_type", value: type }]
    : slot.nodes.map((uid) => ({
        count: 1,
        member: "hypervisor_properties",
        property: "$hypervisor_hostname",
        value: uid,
      }));

// times are a slot's start, "" for now, and its end.
const times = (slot, now) => {
  const start = Date.parse(slot.start);
  return [start < now + margin ? "" : formatTime(start), formatTime(Date.parse(slot.end))];
};

// shellCommand is the command for a shell.
export const shellCommand = (slot, type, now) => {
  const [start, end] = times(slot, now);
  return [
    "openstack reservation lease create",
    ...reservations(slot, type).map(
      (r) =>
        `--reservation resource_type=physical:host,min=${r.count},max=${r.count},` +
        `${r.member}='["==", "${r.property}", ${quote(r.value)}]'`,
    ),
    ...(start ? [`--start-date '${start}'`] : []),
    `--end-date '${end}'`,
    "my-lease",
  ].join(" \\\n  ");
};

// pythonProgram is the same for Python.
export const pythonProgram = (slot, type, now) => {
  const [start, end] = times(slot, now);
  return `import json

import openstack
from blazarclient import client

cloud = openstack.connect(cloud=${quote(slot.site_id)})  # its name in your clouds.yaml
blazar = client.Client(session=cloud.session)
lease = blazar.lease.create(
    name="my-lease",
    start="${start || "now"}",
    end="${end}",
    reservations=[
${reservations(slot, type)
  .map(
    (r) => `        {
            "resource_type": "physical:host",
            "min": ${r.count},
            "max": ${r.count},
            "${r.member === "resource_properties" ? "hypervisor_properties" : "resource_properties"}": "",
            "${r.member}": json.dumps(["==", "${r.property}", ${quote(r.value)}]),
        },`,
  )
  .join("\n")}
    ],
    events=[],
)
`;
};
