package change_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// machineSteps writes how machines of a repository came to where they are: of each node of the
// grid its steps, as commit, cluster and what happened.
func machineSteps(t *testing.T, archive string) string {
	t.Helper()
	repo, err := txtarrepo.Open([]byte(archive))
	if err != nil {
		t.Fatal(err)
	}
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	grid := treetest.Grid(t, repo, head)
	_, log := treetest.History(t, repo, head, grid)
	var lines []string
	add := func(place inventory.Place, path string) {
		all, err := log.Steps(place, path)
		if err != nil {
			t.Fatal(err)
		}

		line := place.Cluster + "/" + place.UID + ":"
		for _, s := range all {
			what := map[bool]string{true: "removed", false: "changed"}[s.State == change.Absent]
			if s.State != change.Absent && s.Before == change.Absent {
				what = "added"
			}
			if m := s.Move; m != nil {
				what = fmt.Sprintf("%s %s>%s", m.Action(), m.From.Cluster, m.To.Cluster)
			}
			line += fmt.Sprintf(" %s %s %s,", s.Commit.Subject(), s.Cluster, what)
		}
		lines = append(lines, strings.TrimSuffix(line, ","))
	}

	for r := range grid.In(inventory.Place{}, route.NodeKind) {
		add(r.Place, r.File.Path)
	}
	for _, f := range log.Former() {
		if f.Joined {
			add(f.Place, f.GitPath)
		}
	}

	return strings.Join(lines, "\n")
}

// at is the file of node n in a cluster.
func at(cluster, rack string) string {
	return fmt.Sprintf("-- d/sites/s/clusters/%s/nodes/n.json --\n{\"uid\":\"n\",\"rack\":%q}\n", cluster, rack)
}

// other is the file of another node.
func other(cluster, uid, name string) string {
	return fmt.Sprintf("-- d/sites/s/clusters/%s/nodes/%s.json --\n{\"uid\":%q,\"node_name\":%q}\n", cluster, uid, uid, name)
}

func gone(cluster string) string {
	return "-- delete d/sites/s/clusters/" + cluster + "/nodes/n.json --\n"
}

func commit(name, parents string, files ...string) string {
	if parents != "" {
		parents = "parents: " + parents + "\n"
	}
	return "-- commit " + name + " --\n" + parents + "\n" + name + "\n" + strings.Join(files, "")
}

// A machine keeps its history through its moves, however often it moves and whatever a
// merge brings; what is not one machine at one path after the other is no move.
func TestMoves(t *testing.T) {
	t.Parallel()
	start := commit("start", "", "-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n", clusters("a", "b", "c"), at("a", "1"))
	for name, tt := range map[string]struct{ rest, want string }{
		"once": {
			commit("rack", "", at("a", "2")) + commit("move", "", gone("a"), at("b", "2")) + commit("later", "", at("b", "3")),
			"b/n: later b changed, move b moved a>b, rack a changed, start a added\na/n: move a moved a>b, rack a changed, start a added",
		},
		"a chain": {
			commit("ab", "", gone("a"), at("b", "1")) + commit("bc", "", gone("b"), at("c", "1")),
			"c/n: bc c moved b>c, ab b moved a>b, start a added\na/n: ab a moved a>b, start a added\nb/n: bc b moved b>c, ab b moved a>b, start a added",
		},
		"to and fro": {
			commit("ab", "", gone("a"), at("b", "1")) + commit("ba", "", gone("b"), at("a", "2")) + commit("again", "", gone("a"), at("b", "3")),
			"b/n: again b moved a>b, ba a moved b>a, ab b moved a>b, start a added\n" +
				"a/n: again a moved a>b, ba a moved b>a, ab b moved a>b, start a added",
		},
		"two copies": {
			commit("copy", "", at("b", "1")) + commit("one", "", gone("a")),
			"b/n: copy b added",
		},
		"to two paths": {
			commit("both", "", gone("a"), at("b", "1"), at("c", "1")) + commit("one", "", gone("c")),
			"b/n: both b added",
		},
		"not at once": {
			commit("away", "", gone("a")) + commit("back", "", at("b", "1")),
			"b/n: back b added",
		},
		"on a side": {
			commit("ab", "start", gone("a"), at("b", "1")) + commit("main", "start", other("a", "m", "")) + commit("merge", "main ab", gone("a"), at("b", "1")),
			"a/m: main a added\nb/n: ab b moved a>b, start a added\na/n: ab a moved a>b, start a added",
		},
		"on a side that is merged with a change": {
			commit("ab", "start", gone("a"), at("b", "1")) + commit("main", "start", at("a", "2")) + commit("merge", "main ab", gone("a"), at("b", "2")),
			"b/n: merge b changed, ab b moved a>b, start a added\na/n: ab a moved a>b, start a added",
		},
		"added and moved on a side": {
			commit("first", "start", other("c", "m", "")) +
				commit("second", "first", "-- delete d/sites/s/clusters/c/nodes/m.json --\n", other("b", "m", "")) +
				commit("main", "start", at("a", "2")) + commit("merge", "main second", other("b", "m", "")),
			"a/n: main a changed, start a added\nb/m: second b moved c>b, first c added\nc/m: ",
		},
		"replaced": {
			commit("name", "", other("a", "n2", "c1")) +
				commit("new", "", "-- delete d/sites/s/clusters/a/nodes/n2.json --\n", other("a", "n9", "c1")),
			"a/n: start a added\na/n9: new a replaced a>a\na/n2: new a replaced a>a, name a added",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := strings.ReplaceAll(tt.want, ": \n", ":\n")
			if got := machineSteps(t, start+tt.rest); got != strings.TrimSuffix(want, " ") {
				t.Errorf("the steps are\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A machine is known by what its makers gave it where its uid is another, in one commit or
// with commits between. What may be two machines is none.
func TestMachines(t *testing.T) {
	t.Parallel()
	node := func(cluster, uid, serial string, macs ...string) string {
		text := fmt.Sprintf("-- d/sites/s/clusters/%s/nodes/%s.json --\n{\"uid\":%q,\"chassis\":{\"serial\":%q},\"network_adapters\":[", cluster, uid, uid, serial)
		for i, mac := range macs {
			text += map[bool]string{true: ","}[i > 0] + fmt.Sprintf("{\"mac\":%q}", mac)
		}
		return text + "]}\n"
	}
	without := func(cluster, uid string) string {
		return "-- delete d/sites/s/clusters/" + cluster + "/nodes/" + uid + ".json --\n"
	}
	const m1, m2, m3, m4 = "b4:83:51:11:ea:28", "B4:83:51:11:EA:29", "b4:83:51:11:ea:2a", "b4:83:51:11:ea:2b"
	start := commit("start", "", "-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n", clusters("a", "b", "c"))
	one := start + commit("one", "", node("a", "a-1", "6M0H514", m1, m2))
	unknown := start + commit("one", "", node("a", "a-1", "Unknown", m1, m2))
	const moved = "b/b-1: move b moved a>b, one a added\na/a-1: move a moved a>b, one a added"
	const apart = "b/b-1: move b added"
	move := func(serial string, macs ...string) string {
		return commit("move", "", without("a", "a-1"), node("b", "b-1", serial, macs...))
	}
	gone := commit("gone", "", without("a", "a-1"))
	later := func(serial string, macs ...string) string {
		return commit("back", "", node("b", "b-1", serial, macs...))
	}

	for name, tt := range map[string]struct{ archive, want string }{
		"serial number and addresses":               {one + move("6M0H514", m1, m2), moved},
		"in other capitals":                         {one + move("6m0h514", strings.ToUpper(m1)), moved},
		"another adapter besides":                   {one + move("6M0H514", m2, m3, m4), moved},
		"without a serial number":                   {unknown + move("Unknown", m1, m2), moved},
		"a serial number that was not known before": {unknown + move("6M0H514", m1, m2), moved},
		"renamed in its cluster": {
			one + commit("move", "", without("a", "a-1"), node("a", "a-2", "6M0H514", m1, m2)),
			"a/a-2: move a moved a>a, one a added\na/a-1: move a moved a>a, one a added",
		},
		"a serial number alone: a chassis may hold two": {one + move("6M0H514", m3), apart},
		"another serial number with its adapters":       {one + move("7N0H514", m1, m2), apart},
		"one of three adapters":                         {unknown + move("Unknown", m2, m3, m4), apart},
		"addresses that software made up": {
			start + commit("one", "", node("a", "a-1", "", "02:83:51:11:ea:28", "00:11:22:33:44:27")) + move("", "02:83:51:11:ea:28", "00:11:22:33:44:27"), apart,
		},
		"two with the same addresses": {
			one + commit("move", "", without("a", "a-1"), node("b", "b-1", "6M0H514", m1, m2), node("b", "b-2", "6M0H514", m1, m2)),
			"b/b-1: move b added\nb/b-2: move b added",
		},
		"later": {
			one + gone + later("6M0H514", m1, m2),
			"b/b-1: back b moved a>b, gone a moved a>b, one a added\na/a-1: gone a moved a>b, one a added",
		},
		"later, without a serial number":           {unknown + gone + later("Unknown", m1, m2), "b/b-1: back b moved a>b, gone a moved a>b, one a added\na/a-1: gone a moved a>b, one a added"},
		"later, with one of its adapters":          {unknown + gone + later("Unknown", m1, m3), "b/b-1: back b added"},
		"later, at its path":                       {one + gone + commit("back", "", node("a", "a-1", "6M0H514", m1, m2)), "a/a-1: back a added, gone a removed, one a added"},
		"later, in two places":                     {one + gone + commit("back", "", node("b", "b-1", "6M0H514", m1, m2), node("c", "c-1", "6M0H514", m1, m2)), "b/b-1: back b added\nc/c-1: back c added"},
		"on a side that does not have the removal": {one + commit("gone", "one", without("a", "a-1")) + commit("side", "one", node("b", "b-1", "6M0H514", m1, m2)) + commit("merge", "gone side", node("b", "b-1", "6M0H514", m1, m2)), "b/b-1: side b added"},
		"later, and a copy after that: the first is it": {
			one + gone + later("6M0H514", m1, m2) + commit("copy", "", node("c", "c-1", "6M0H514", m1, m2)),
			"b/b-1: back b moved a>b, gone a moved a>b, one a added\nc/c-1: copy c added\na/a-1: gone a moved a>b, one a added",
		},
		"twice, with time between": {
			one + gone + later("6M0H514", m1, m2) + commit("gone2", "", without("b", "b-1")) + commit("back2", "", node("c", "c-1", "6M0H514", m1, m2)),
			"c/c-1: back2 c moved b>c, gone2 b moved b>c, back b moved a>b, gone a moved a>b, one a added\n" +
				"a/a-1: gone a moved a>b, one a added\nb/b-1: gone2 b moved b>c, back b moved a>b, gone a moved a>b, one a added",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := machineSteps(t, tt.archive); got != tt.want {
				t.Errorf("the steps are\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// clusters are the files of clusters.
func clusters(uids ...string) (files string) {
	for _, uid := range uids {
		files += fmt.Sprintf("-- d/sites/s/clusters/%s/%s.json --\n{\"uid\":%q}\n", uid, uid, uid)
	}
	return files
}

// What a machine took along, and what else became of it, is one difference.
func TestMoveDelta(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, commit("start", "", "-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n", clusters("a", "b"), at("a", "1"))+
		commit("move", "", gone("a"), at("b", "2")))
	in := input(t, repo)
	log := read(t, in)
	resources := log.Commit(0)
	if got := change.Summary(resources); got != "1 node moved from a to b at s" {
		t.Errorf("the summary is %q", got)
	}

	i := slices.IndexFunc(resources, func(r change.Resource) bool { return r.Action() == change.Added })
	d, err := log.Delta(resources[i].Move.Delta())
	if err != nil || len(d.Ops) != 1 || d.Ops[0].Pointer != "/rack" {
		t.Errorf("what else changed is %v, %v; want the rack", cmp.Or(d, &change.Delta{}).Ops, err)
	}
}
