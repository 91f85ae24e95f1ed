package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// kinds are the faults that the real repository is known to have, with how many
// of each there are.
var kinds = []struct {
	name, rule string
	pointer    string // regular expression, of the whole pointer
	message    string // regular expression
	want       int
}{
	{"BIOS version is a number", "type", `/bios/version`, `not a number`, 4},
	{"BIOS release date null", "type", `/bios/release_date`, `not null`, 7},
	{"BIOS release date absent", "missing-member", `/bios`, `bios.release_date is missing`, 4},
	{"BIOS release date in US form", "date-form", `/bios/release_date`, `in US form`, 12},
	{"of these impossible", "date-form", `/bios/release_date`, `impossible`, 2},
	{"enabled is a string", "type", `/network_adapters/\d+/enabled`, `must be a boolean, not a string`, 12},
	{"MAC null", "type", `/network_adapters/\d+/mac`, `not null`, 7},
	{"MAC empty", "empty", `/network_adapters/\d+/mac`, `is empty`, 10},
	{"MAC with white space", "mac-form", `/network_adapters/\d+/mac`, `with white space around it`, 1},
	{"rack is a number", "type", `/placement/rack`, `not a number`, 9},
	{"rack empty", "empty", `/placement/rack`, `is empty`, 2},
	{"serial empty", "empty", `/chassis/serial`, `is empty`, 16},
	{"storage without interface", "missing-member", `/storage_devices/\d+`, `interface is missing`, 16},
	{"storage interface null", "type", `/storage_devices/\d+/interface`, `not null`, 8},
	{"storage without humanized size", "missing-member", `/storage_devices/\d+`, `humanized_size is missing`, 17},
	{"no storage at all", "empty", `/storage_devices`, `has no elements`, 1},
	{"GPU on a type that has none", "gpu-type", `/gpu/gpu`, `gpu.gpu is true, but the type name "compute_(liqid|gigaio)" suggests no GPU`, 19},
	{"no GPU where the others have one", "gpu-type", `/gpu/gpu`, `gpu.gpu is false, but 11 of the 14 nodes of type "compute_gigaio" have a GPU`, 3},
	{"file is misplaced", "misplaced-file", ``, `the file is misplaced`, 2},
	{"coordinates of another hemisphere", "hemisphere", `/longitude`, `is east, expected west for USA`, 2},
}

// The real repository has the faults that are known, and no others of their
// rules: a rule that begins to find more finds what is right.
func TestRealData(t *testing.T) {
	t.Parallel()
	g, found := checkReal(t, "reference-repository.bundle", "5da05904")
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
	if got, want := strings.Join(misplaced, " "), "data/chameleoncloud/sites/edge/clusters/chameleon.json data/chameleoncloud/sites/kvm/clusters/chameleon.json"; got != want {
		t.Errorf("misplaced are %s", got)
	}
}

// Flavors of virtual machines in the form that Chameleon's files have give no
// finding, and neither does a host of virtual machines for being one.
func TestRealFlavors(t *testing.T) {
	t.Parallel()
	g, found := checkReal(t, "reference-repository-flavors.bundle", "16ff1a6")
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
func checkReal(t *testing.T, bundle, rev string) (*inventory.Grid, inventory.Diagnostics) {
	t.Helper()
	bundle = filepath.Join("..", "..", "..", "..", "shared", "data", bundle)
	if _, err := os.Stat(bundle); err != nil {
		t.Logf("no real data: %v", err)
		return nil, nil
	}
	repo, err := gitrepo.Open(t.Context(), bundle, gitrepo.Options{CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	id, err := repo.Resolve(rev)
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := repo.FS(id)
	if err != nil {
		t.Fatal(err)
	}
	g, found, err := inventory.Load(fsys, "data/chameleoncloud")
	if err != nil {
		t.Fatal(err)
	}
	odd, err := checker(t).Grid(fsys, g)
	if err != nil {
		t.Fatal(err)
	}
	return g, append(found, odd...)
}
