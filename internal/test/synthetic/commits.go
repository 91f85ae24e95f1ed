package synthetic

import "fmt"

// plain is how many commits at the end change a few nodes each: what a build of one
// commit more is measured with.
const plain = 3

// next makes the next commit, or a merge with the commits that it needs, out of
// those that are left.
func (t *testbed) next(left int) {
	kind := t.random.IntN(100)
	switch {
	case left <= plain || kind < 45 || len(t.nodes) < 20:
		t.commit("Update some nodes\n")
		for range 1 + t.random.IntN(4) {
			t.write(t.change(t.any()))
		}
	case kind < 60:
		t.comeOrGo()
	case kind < 68:
		t.retype()
	case kind < 74:
		t.updateFirmware()
	case kind < 80:
		i := t.random.IntN(len(t.flavors))
		t.flavors[i]++
		t.commit("cloud: another price\n")
		t.writeFlavor(i)
	case kind < 90:
		t.reorganise()
	case kind < 94:
		t.commit("Say more in the README\n")
		t.stream.write("README.md", fmt.Appendf(nil, "# A synthetic testbed\n\nRevision %d.\n", t.stream.commits))
	case left >= plain+3:
		t.merge()
	}
}

// commit starts a commit on top of the last one.
func (t *testbed) commit(message string) { t.stream.commit(message, t.stream.commits) }

func (t *testbed) any() *node { return t.nodes[t.random.IntN(len(t.nodes))] }

// change makes one of the changes that nodes see most often.
func (t *testbed) change(n *node) *node {
	switch t.random.IntN(5) {
	case 0:
		n.disks++
	case 1:
		n.dimms = 3 - n.dimms // double, or half again
	case 2:
		n.note = fmt.Sprintf("Repaired with ticket %d.", t.random.IntN(10000))
	case 3:
		n.note = ""
		n.firmware++
	default:
		n.firmware++
	}
	return n
}

// comeOrGo adds nodes to a cluster while some are missing, and removes some
// otherwise.
func (t *testbed) comeOrGo() {
	if len(t.nodes) < t.size {
		c := t.clusters[t.random.IntN(len(t.clusters))]
		t.commit(c.site + ": add nodes to " + c.name + "\n")
		for range 1 + t.random.IntN(8) {
			t.write(t.add(c))
		}
		return
	}

	t.commit("Retire nodes\n")
	for range 1 + t.random.IntN(8) {
		i, last := t.random.IntN(len(t.nodes)), len(t.nodes)-1
		t.stream.remove(t.nodes[i].path())
		t.nodes[i] = t.nodes[last]
		t.nodes = t.nodes[:last]
	}
}

// retype moves nodes to the variant of their type that is kept for tests, or back.
func (t *testbed) retype() {
	t.commit("Correct the types of nodes\n")
	for range 1 + t.random.IntN(6) {
		n := t.any()
		usual := n.platform.name + n.cluster.types
		if n.nodeType == usual {
			n.nodeType = usual + "_test"
		} else {
			n.nodeType = usual
		}
		t.write(n)
	}
}

// updateFirmware updates up to forty nodes of a cluster.
func (t *testbed) updateFirmware() {
	c := t.any().cluster
	t.commit(c.site + ": firmware of " + c.name + "\n")
	left := 40
	for _, n := range t.nodes {
		if n.cluster == c && left > 0 {
			left--
			n.firmware++
			t.write(n)
		}
	}
}

// reorganise changes a site or a cluster.
func (t *testbed) reorganise() {
	if t.random.IntN(2) == 0 {
		i := t.random.IntN(len(t.sites))
		t.contacts[i]++
		t.commit(t.sites[i] + ": another address\n")
		t.writeSite(i)
		return
	}

	c := t.clusters[t.random.IntN(len(t.clusters))]
	c.long = !c.long
	t.commit(c.site + ": queues of " + c.name + "\n")
	t.stream.write(c.dir()+"/"+c.name+".json", c.body())
}

// merge makes a commit, another one beside it, and their merge.
func (t *testbed) merge() {
	base := t.stream.commits
	ours, theirs := t.any(), t.any()
	for ours == theirs {
		theirs = t.any()
	}

	branch := t.stream.commit("Update a node on a branch\n", base)
	t.write(t.change(theirs))

	trunk := t.stream.commit("Update a node meanwhile\n", base)
	t.write(t.change(ours))

	// git-fast-import(1) starts with the files of the first parent.
	t.stream.commit("Merge the branch\n", trunk, branch)
	t.write(theirs)
}
