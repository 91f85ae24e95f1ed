package check_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// kinds are the faults that the real repository is known to have, with how many
// of each there are.
var kinds = []struct {
	name, rule string
	pointer    string // regular expression, of the whole pointer
	message    string // regular expression
	want       int
}{
	{name: "BIOS version is a number", rule: "type", pointer: `/bios/version`, message: `not a number`, want: 4},
	{name: "BIOS release date null", rule: "type", pointer: `/bios/release_date`, message: `not null`, want: 7},
	{name: "BIOS release date absent", rule: "missing-member", pointer: `/bios`,
		message: `bios.release_date is missing`, want: 4},
	{name: "BIOS release date in US form", rule: "date-form", pointer: `/bios/release_date`, message: `in US form`,
		want: 12},
	{name: "of these impossible", rule: "date-form", pointer: `/bios/release_date`, message: `impossible`, want: 2},
	{name: "enabled is a string", rule: "type", pointer: `/network_adapters/\d+/enabled`,
		message: `must be a boolean, not a string`, want: 12},
	{name: "MAC null", rule: "type", pointer: `/network_adapters/\d+/mac`, message: `not null`, want: 7},
	{name: "MAC empty", rule: "empty", pointer: `/network_adapters/\d+/mac`, message: `is empty`, want: 10},
	{name: "MAC with white space", rule: "mac-form", pointer: `/network_adapters/\d+/mac`,
		message: `with white space around it`, want: 1},
	{name: "rack is a number", rule: "type", pointer: `/placement/rack`, message: `not a number`, want: 9},
	{name: "rack empty", rule: "empty", pointer: `/placement/rack`, message: `is empty`, want: 2},
	{name: "serial empty", rule: "empty", pointer: `/chassis/serial`, message: `is empty`, want: 16},
	{name: "storage without interface", rule: "missing-member", pointer: `/storage_devices/\d+`,
		message: `interface is missing`, want: 16},
	{name: "storage interface null", rule: "type", pointer: `/storage_devices/\d+/interface`, message: `not null`,
		want: 8},
	{name: "storage without humanized size", rule: "missing-member", pointer: `/storage_devices/\d+`,
		message: `humanized_size is missing`, want: 17},
	{name: "no storage at all", rule: "empty", pointer: `/storage_devices`, message: `has no elements`, want: 1},
	{name: "GPU on a type that has none", rule: "gpu-type", pointer: `/gpu/gpu`,
		message: `gpu.gpu is true, but the type name "compute_(liqid|gigaio)" suggests no GPU`, want: 19},
	{name: "no GPU where the others have one", rule: "gpu-type", pointer: `/gpu/gpu`,
		message: `gpu.gpu is false, but 11 of the 14 nodes of type "compute_gigaio" have a GPU`, want: 3},
	{name: "file is misplaced", rule: "misplaced-file", message: `the file is misplaced`, want: 2},
	{name: "coordinates of another hemisphere", rule: "hemisphere", pointer: `/longitude`,
		message: `is east, expected west for USA`, want: 2},
}

// The real repository has the faults that are known, and no others of their
// rules: a rule that begins to find more finds what is right.
func TestRealData(t *testing.T) {
	t.Parallel()
	g, found := checkReal(t, treetest.Real, "5da05904")
	if g == nil {
		return
	}

	if c := g.Counts(); c.Sites != 7 || c.Nodes != 500 {
		t.Errorf("%+v", c)
	}
	if errors, warnings := found.Count(); errors != 0 || warnings != 393 {
		t.Errorf("%d errors and %d warnings, want none and 393", errors, warnings)
	}

	for _, k := range kinds {
		pointer, message := regexp.MustCompile("^"+k.pointer+"$"), regexp.MustCompile(k.message)
		n := 0
		for _, d := range found {
			if d.Rule == k.rule && pointer.MatchString(d.Pointer) && message.MatchString(d.Message) {
				n++
			}
		}

		if n != k.want {
			t.Errorf("%s: %d findings, want %d", k.name, n, k.want)
		}
	}

	var misplaced []string
	for _, d := range found {
		switch {
		case d.Rule == "misplaced-file":
			misplaced = append(misplaced, d.File)
		case d.Line == 0 || d.Col == 0 || !strings.HasPrefix(d.Resource, "/"):
			t.Errorf("no place, or no resource: %+v", d)
		}
	}

	if got, want := strings.Join(misplaced,
		" "), "data/chameleoncloud/sites/edge/clusters/chameleon.json data/chameleoncloud/sites/kvm/clusters/chameleon.json"; got != want {
		t.Errorf("misplaced are %s", got)
	}
}

// Flavors of virtual machines in the form that Chameleon's files have give no
// finding, and neither does a host of virtual machines for being one.
func TestRealFlavors(t *testing.T) {
	t.Parallel()
	g, found := checkReal(t, treetest.RealFlavors, "16ff1a6")
	if g == nil {
		return
	}

	if c := g.Counts(); c.Sites != 7 || c.Nodes != 507 || c.Flavors != 9 {
		t.Errorf("%+v", c)
	}
	if errors, warnings := found.Count(); errors != 0 || warnings != 398 {
		t.Errorf("%d errors and %d warnings, want none and 398", errors, warnings)
	}

	var atKVM []string
	for _, d := range found {
		if strings.Contains(d.File, "/sites/kvm/") {
			atKVM = append(atKVM, strings.TrimSuffix(filepath.Base(d.File), ".json")+": "+d.Message)
		}
	}

	want := []string{
		"4c4c4544-0038-5010-804b-b8c04f4b3434: placement is missing",
		`4c4c4544-0038-5010-804b-b8c04f4b3434: gpu.gpu_model is "NVIDIA Corporation", which is the vendor and not a model`,
		"4c4c4544-0038-5010-804b-b8c04f4b3434: storage_devices[0].interface is missing",
		"4c4c4544-004e-5610-8044-b2c04f443432: placement is missing",
		"4c4c4544-004e-5610-8044-b2c04f443432: storage_devices[0].interface is missing",
	}
	if diff := cmp.Diff(want, atKVM); diff != "" {
		t.Errorf("findings at kvm (-want +got):\n%s", diff)
	}
}

// checkReal checks a revision of a real repository; nil where it is not there.
func checkReal(t *testing.T, open func(t testing.TB, root string) (*gitrepo.Repo, bool), rev string) (
	*inventory.Grid, inventory.Diagnostics,
) {
	t.Helper()
	repo, ok := open(t, "../../..")
	if !ok {
		return nil, nil
	}
	t.Cleanup(func() { _ = repo.Close() })

	fsys, g, found := treetest.Load(t, repo, treetest.Revision(t, repo, rev))
	odd, err := checker(t).Grid(fsys, g)
	if err != nil {
		t.Fatal(err)
	}
	return g, append(found, odd...)
}
