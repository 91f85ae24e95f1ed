package synthetic

import (
	"fmt"
	"math/rand/v2"
)

const (
	nodesPerCluster = 250
	clustersPerSite = 8
	flavors         = 20
)

// cluster is a place for nodes.
type cluster struct {
	site  string
	name  string
	slots int    // that were ever taken
	types string // what the names of its node types end with
	long  bool   // whether it has a queue for long jobs
}

func (c *cluster) dir() string { return siteDir(c.site) + "/clusters/" + c.name }

func siteDir(site string) string { return DataDir + "/sites/" + site }

func (c *cluster) body() []byte {
	queues := []string{"admin", "default"}
	if c.long {
		queues = append(queues, "long")
	}
	return object{
		"type": "cluster", "uid": c.name, "queues": queues, "created_at": "Mon, 06 Jan 2025 09:00:00 GMT",
	}.encode()
}

// testbed is the state that the next commit changes.
type testbed struct {
	random    *rand.Rand
	stream    *stream
	platforms []platform

	size     int // how many nodes there should be
	sites    []string
	contacts []int // by site, how often its contact was changed
	clusters []*cluster
	nodes    []*node
	flavors  [flavors]int // how often each was changed
}

func newTestbed(o Options, s *stream) *testbed {
	t := &testbed{
		random:    rand.New(rand.NewPCG(o.Seed, uint64(o.Nodes))),
		stream:    s,
		platforms: platforms(),
		size:      o.Nodes,
	}

	clusters := max(2, (o.Nodes+nodesPerCluster-1)/nodesPerCluster)
	sites := max(2, (clusters+clustersPerSite-1)/clustersPerSite)
	for i := range sites {
		t.sites = append(t.sites, fmt.Sprintf("site%02d", i+1))
	}
	t.contacts = make([]int, sites)

	for i := range clusters {
		c := &cluster{site: t.sites[i%sites], name: fmt.Sprintf("c%03d", i+1)}

		// Large testbeds have more types, but not by as much as they have more nodes.
		if generation := i % sites / 4; generation > 0 {
			c.types = fmt.Sprintf("_r%d", generation+1)
		}
		t.clusters = append(t.clusters, c)
	}

	return t
}

// start writes the first commit: all nodes but those that the others will add.
func (t *testbed) start(commits int) {
	t.stream.commit("Start the testbed\n\nAll sites, and the nodes that are there already.\n")
	t.stream.write("README.md", []byte("# A synthetic testbed\n"))
	t.stream.write(DataDir+"/synthetic.json", object{"type": "grid", "uid": "synthetic"}.encode())

	for i := range t.sites {
		t.writeSite(i)
	}

	t.stream.write(siteDir("cloud")+"/cloud.json", site("cloud", "kvm", 0))
	for i := range t.flavors {
		t.writeFlavor(i)
	}

	first := t.size - min(t.size/50, commits/2)
	for i, c := range t.clusters {
		t.stream.write(c.dir()+"/"+c.name+".json", c.body())
		for range (first + i) / len(t.clusters) {
			t.write(t.add(c))
		}
	}
}

// add adds a node to a cluster, in which few platforms make up most.
func (t *testbed) add(c *cluster) *node {
	kind := (len(c.name)*int(c.name[3]) + c.slots/100) % len(t.platforms)
	if t.random.IntN(10) == 0 {
		kind = t.random.IntN(len(t.platforms))
	}

	p := &t.platforms[kind]
	n := &node{uid: t.uuid(), cluster: c, slot: c.slots, platform: p, nodeType: p.name + c.types, dimms: 1}
	c.slots++
	t.nodes = append(t.nodes, n)
	return n
}

// uuid makes a random UUID of version 4 (RFC 9562, section 5.4).
func (t *testbed) uuid() string {
	a, b := t.random.Uint64(), t.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&(1<<48-1))
}

func (t *testbed) write(n *node) { t.stream.write(n.path(), n.body()) }

func (t *testbed) writeSite(i int) {
	name := t.sites[i]
	t.stream.write(siteDir(name)+"/"+name+".json", site(name, "baremetal", t.contacts[i]))
}

func site(name, class string, contacts int) []byte {
	return object{
		"type": "site", "uid": name, "name": "Synthetic@" + name, "site_class": class,
		"description": "A machine hall", "location": "Tromsø, Norway", "latitude": 69.6492, "longitude": 18.9553,
		"email_contact":        fmt.Sprintf("help%d@example.org", contacts),
		"security_contact":     "security@example.org",
		"sys_admin_contact":    "ops@example.org",
		"user_support_contact": "help@example.org",
		"web":                  "https://" + name + ".example.org",
	}.encode()
}

func (t *testbed) writeFlavor(i int) {
	name, memory := fmt.Sprintf("m1.size%02d", i+1), int64(2*(i+1))
	t.stream.write(siteDir("cloud")+"/flavors/"+name+".json", object{
		"type": "vm_flavor", "uid": name, "name": name, "vcpus": i + 1,
		"ram_size": memory << 30, "humanized_ram_size": fmt.Sprintf("%d GiB", memory),
		"disk_size": int64(20e9), "humanized_disk_size": "20 GB",
		"openstack_properties": object{}, "su_cost_per_hour": 0.25 + float64(t.flavors[i])/4,
	}.encode())
}
