package availhttp

import (
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// slotPart is a part of a question for slots.
type slotPart struct {
	prefix   string // of its parameters
	isWanted condition
	count    int
	gpus     bool // count is of GPUs
	each     int  // GPUs of a node where these are counted as nodes, otherwise 1

	// others has the types of which a site has nodes that a lease by type may get but that do
	// not serve the part, or have another number of GPUs.
	others map[siteType]bool
}

// siteType is a type of node at a site.
type siteType struct{ site, name string }

func (v *view) typeAt(node int) siteType {
	n := &v.release.Nodes[node]
	return siteType{n.Site, n.Type}
}

// readParts reads the parts: the first, and those of which a parameter is given.
func (q *slotQuestion) readParts(values queryValues) {
	for n := 1; n <= route.MaxParts; n++ {
		prefix := route.PartPrefix(n)
		part := values
		if n > 1 {
			part = values.withPrefix(prefix)
		}
		if len(part) > 0 {
			q.parts = append(q.parts, slotPart{prefix: prefix, isWanted: newFilter(part), count: max(part.Int("count"), 1),
				gpus: part.Text("unit") == "gpus", each: 1, others: map[siteType]bool{}})
		}
	}
}

// withPrefix returns the values of the parameters with a prefix, without it.
func (v queryValues) withPrefix(prefix string) queryValues {
	part := queryValues{}
	for name, value := range v {
		if name, ok := strings.CutPrefix(name, prefix); ok {
			part[name] = value
		}
	}
	return part
}

// findCandidates finds the nodes that can be reserved as complete machines and serve a
// part.
func (q *slotQuestion) findCandidates() {
	v, row := q.view, hardware.Properties().Index("gpus")
	gpusOf := make([]map[siteType]int64, len(q.parts)) // of the first node that serves the part
	for i := range gpusOf {
		gpusOf[i] = map[siteType]int64{}
	}

	for i := range v.release.Nodes {
		n, host := &v.release.Nodes[i], v.hosts[i]
		if host == nil {
			continue
		}

		gpus, of := n.Facts[row].Number, v.typeAt(i)
		if v.byFlavor(i) {
			for p := range q.parts { // Blazar may choose it where a lease names its type
				q.parts[p].others[of] = true
			}
			continue
		}
		if host.Maintenance {
			continue
		}

		c := availability.Candidate{Site: n.Site, Node: n.UID, Host: host, Index: i}
		c.Weight = int(min(gpus, 1<<20))
		for p := range q.parts {
			part := &q.parts[p]
			if part.gpus && gpus == 0 || !part.isWanted(v, i) {
				part.others[of] = true
				continue
			}

			c.Parts |= 1 << p
			if first, ok := gpusOf[p][of]; !ok {
				gpusOf[p][of] = gpus
			} else if part.gpus && first != gpus {
				part.others[of] = true
			}
		}
		if c.Parts != 0 {
			q.candidates = append(q.candidates, c)
		}
	}
}

// countParts says how many nodes, or GPUs, each part needs. Where parts share nodes, GPUs
// are counted only if all nodes of the part have as many: then they are a number of nodes.
func (q *slotQuestion) countParts(values queryValues) (faults []api.Fault) {
	for p, part := range q.parts {
		need := availability.Part{Count: part.count, Weighed: part.gpus}
		shared, each, differ := false, 0, false
		for _, c := range q.candidates {
			if c.Parts>>p&1 != 0 {
				shared = shared || c.Parts != 1<<p
				differ = differ || each != 0 && each != c.Weight
				each = c.Weight
			}
		}

		switch {
		case part.gpus && shared && differ:
			name := part.prefix + "unit"
			faults = append(faults, values.Fault(name, fmt.Sprintf("GPUs of different nodes cannot be counted where parts "+
				"share nodes: %s=nodes would do, or filters that leave the part nodes of its own", name)))
		case part.gpus && shared:
			need = availability.Part{Count: (part.count + each - 1) / each}
			q.parts[p].each = each
		}
		q.Parts = append(q.Parts, need)
	}
	return faults
}
