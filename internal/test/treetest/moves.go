package treetest

// Moves is a repository, as txtarrepo reads it, in which machines move: n1 from one
// cluster to the next and to and fro, n2 on a side that is merged, and n3 to another site
// while another machine gets its name.
const Moves = `
-- commit start --
date: 2025-01-01T12:00:00Z

Start
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s", "name": "CHI@S"}
-- d/sites/t/t.json --
{"uid": "t"}
-- d/sites/s/flavors/m1.json --
{"uid": "m1", "vcpus": 1}
-- d/sites/s/clusters/a/a.json --
{"uid": "a"}
-- d/sites/s/clusters/b/b.json --
{"uid": "b"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/t/clusters/k/k.json --
{"uid": "k"}
-- d/sites/s/clusters/a/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "gpu_a100", "placement": {"rack": "A1"}}
-- d/sites/s/clusters/a/nodes/n2.json --
{"uid": "n2", "node_name": "two"}
-- d/sites/s/clusters/a/nodes/n3.json --
{"uid": "n3", "node_name": "c01"}
-- commit rack --
date: 2025-01-02T12:00:00Z

n1: to rack A2
-- d/sites/s/clusters/a/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "gpu_a100", "placement": {"rack": "A2"}}
-- commit to-b --
date: 2025-01-03T12:00:00Z

n1: to cluster b
-- delete d/sites/s/clusters/a/nodes/n1.json --
-- d/sites/s/clusters/b/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "gpu_a100", "placement": {"rack": "B1"}}
-- commit side --
date: 2025-01-04T12:00:00Z
parents: to-b

n2: to cluster b
-- delete d/sites/s/clusters/a/nodes/n2.json --
-- d/sites/s/clusters/b/nodes/n2.json --
{"uid": "n2", "node_name": "two"}
-- commit main --
date: 2025-01-05T12:00:00Z
parents: to-b

n3 goes to site t, and n9 has its name
-- delete d/sites/s/clusters/a/nodes/n3.json --
-- d/sites/t/clusters/k/nodes/n3.json --
{"uid": "n3", "node_name": "k01"}
-- d/sites/s/clusters/a/nodes/n9.json --
{"uid": "n9", "node_name": "c01"}
-- commit merge --
date: 2025-01-06T12:00:00Z
parents: main side

Merge the move of n2
-- delete d/sites/s/clusters/a/nodes/n2.json --
-- d/sites/s/clusters/b/nodes/n2.json --
{"uid": "n2", "node_name": "two"}
-- commit to-c --
date: 2025-01-07T12:00:00Z

n1: to cluster c
-- delete d/sites/s/clusters/b/nodes/n1.json --
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "gpu_a100", "placement": {"rack": "B1"}}
-- commit back --
date: 2025-01-08T12:00:00Z

n1: back to cluster b
-- delete d/sites/s/clusters/c/nodes/n1.json --
-- d/sites/s/clusters/b/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "gpu_h100", "placement": {"rack": "B1"}}
-- commit new --
date: 2025-01-09T12:00:00Z

c01 is another machine again
-- delete d/sites/s/clusters/a/nodes/n9.json --
-- d/sites/s/clusters/a/nodes/n10.json --
{"uid": "n10", "node_name": "c01"}
-- commit gone --
date: 2025-01-10T12:00:00Z

n2 is retired
-- delete d/sites/s/clusters/b/nodes/n2.json --
`
