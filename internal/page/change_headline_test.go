package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// Each kind of change has its words, and the most important of a commit comes first.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	const n1, n2, m1 = "-- d/sites/s/clusters/c/nodes/n1.json --\n", "-- d/sites/t/clusters/k/nodes/n2.json --\n", "-- d/sites/s/flavors/m1.json --\n"
	node := func(uid, members string) string { return fmt.Sprintf("{\"uid\": %q, %s}\n", uid, members) }
	steps := []struct{ files, want string }{
		{"", "Added 2 nodes of type t added at s and t; Flavor m1 added at s"}, // and more, see below
		{n1 + node("n1", `"node_type": "t", "gpu": {"gpu_count": 2}`), "Hardware n1 at s: GPU"},
		{n1 + node("n1", `"node_type": "u", "gpu": {"gpu_count": 2}`) + n2 + node("n2", `"node_type": "u"`), "Type 2 nodes at s and t: another type"},
		{n1 + node("n1", `"node_type": "u", "gpu": {"gpu_count": "2"}`), "Data only n1 at s: another form of GPU"},
		{n1 + node("n1", `"node_type": "u", "gpu": {"gpu_count": "2"}, "bios": {"version": "2"}`), "Firmware n1 at s: firmware: BIOS"},
		{n1 + node("n1", `"node_type": "u", "gpu": {"gpu_count": "2"}, "bios": {"version": "2"}, "placement": {"rack": 1}`), "Place n1 at s: another place"},
		{n2 + node("n2", `"node_type": "u", "admin_note": "SGX"`), "Note n2 at t: another note"},
		{n2 + node("n2", `"node_type": "u", "admin_note": "SGX", "supported_job_types": {"deploy": true}`), "Data only n2 at t: supported job types"},
		{m1 + `{"uid": "m1", "su_cost_per_hour": 0.95}` + "\n", "Cost Flavor m1 at s: another cost"},
		{m1 + `{"uid": "m1", "su_cost_per_hour": 0.95, "vcpus": 2}` + "\n", "Hardware Flavor m1 at s: vcpus"},
		{n2 + "{\n", "Unreadable n2 at t: the file cannot be read, or can be again"},
		{n2 + node("n2", `"node_name": "two"`) + m1 + `{"uid": "m1", "vcpus": 2}` + "\n", "Cost Flavor m1 at s: another cost; two at t: the file cannot be read, or can be again"},
		{"-- delete d/sites/t/clusters/k/nodes/n2.json --\n-- d/sites/s/clusters/c/nodes/n2.json --\n" + node("n2", `"node_name": "two"`), "Moved two moved from t to s"},
		{"-- delete d/sites/s/clusters/c/nodes/n2.json --\n-- d/sites/s/clusters/c/nodes/n3.json --\n" + node("n3", `"node_name": "two"`), "Replaced two at s is another machine"},
		{"-- delete d/sites/s/clusters/c/nodes/n3.json --\n", "Removed two removed at s"},
		{"-- d/README --\nx\n", "Data only No change to API data"},
	}

	archive := smallGrid + "-- d/sites/t/t.json --\n{\"uid\": \"t\"}\n-- d/sites/t/clusters/k/k.json --\n{\"uid\": \"k\"}\n" +
		n1 + node("n1", `"node_type": "t"`) + n2 + node("n2", `"node_type": "t"`) + m1 + "{\"uid\": \"m1\"}\n"
	for i, s := range steps[1:] {
		archive += fmt.Sprintf("-- commit c%d --\n\nCommit %d\n%s", i+1, i+1, s.files)
	}

	got := pages(t, treetest.Repo(t, archive), build.Options{})["/hardware/changes"].entries()
	if len(got) != len(steps) {
		t.Fatalf("the list has %d entries, want %d", len(got), len(steps))
	}

	// What changes no data is folded away, and so after the others.
	at := func(n int) string {
		i := slices.IndexFunc(got, func(e string) bool { return strings.HasSuffix(e, fmt.Sprintf("; Commit %d", n)) })
		_, entry, _ := strings.Cut(got[max(i, 0)], ": ")
		return strings.TrimSuffix(entry, fmt.Sprintf("; Commit %d", n))
	}
	for i, s := range steps[1:] {
		if entry := at(i + 1); entry != s.want {
			t.Errorf("commit %d is %q, want %q", i+1, entry, s.want)
		}
	}

	if first := got[len(got)-3]; !strings.Contains(first, steps[0].want) {
		t.Errorf("the first commit is %q, want %q", first, steps[0].want)
	}
}
