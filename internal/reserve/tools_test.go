package reserve_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/reserve"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// hostile is a name that nobody should have.
const hostile = "it's $(touch x) `x` \"a\",min=9,resource_type=x\\ !é\U0001f600\u202e\n\x1b[1m%s ${y} %{z}"

// choice is what a page reserves.
type choice struct {
	Site     string `json:"site"`
	SiteName string `json:"siteName"`
	SiteWeb  string `json:"siteWeb"`
	Type     string `json:"type,omitempty"`
	Nodes    []node `json:"nodes,omitempty"`
	Flavor   string `json:"flavor,omitempty"`
	Count    int    `json:"count"`
	Start    int64  `json:"start,omitempty"`
	End      int64  `json:"end"`
}

type node struct {
	UID  string `json:"uid"`
	Name string `json:"name"`
}

// 24 hours from 1 January 2099, 00:00 UTC on.
const (
	start = 4070908800000
	end   = start + 24*3600e3
)

// choices are one of each kind.
func choices() map[string]choice {
	at := choice{Site: "s", SiteName: hostile, SiteWeb: "https://s.example.org", Count: 2, Start: start, End: end}
	byType, byNodes, byFlavor := at, at, at
	byType.Type = hostile
	byNodes.Nodes = []node{{hostile, hostile + "1"}, {"n2", "two"}}
	byFlavor.Flavor = hostile
	return map[string]choice{"type": byType, "nodes": byNodes, "flavor": byFlavor}
}

// filled are snippets as pages fill them in, by name and kind.
func filled(t *testing.T, snippets []reserve.Offered) map[string]string {
	t.Helper()
	module, err := filepath.Abs("../../templates/fill.js")
	if err != nil {
		t.Fatal(err)
	}

	given, err := json.Marshal(map[string]any{"snippets": snippets, "choices": choices()})
	if err != nil {
		t.Fatal(err)
	}

	out := run(t, string(given), "node", "--input-type=module", "-e", fmt.Sprintf(`
import { readFileSync } from "node:fs";
import { fill } from %q;
const { snippets, choices } = JSON.parse(readFileSync(0));
const texts = {};
for (const [kind, choice] of Object.entries(choices))
  for (const s of snippets) texts[s.name + " " + kind] = fill(s, choice, 0) ?? undefined;
console.log(JSON.stringify(texts));`, module))

	var texts map[string]string
	if err := json.Unmarshal(out, &texts); err != nil {
		t.Fatal(err)
	}

	return texts
}

// run runs a program with an input, and returns what it prints.
func run(t *testing.T, input string, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, input)
	}
	return out
}

func builtIn(t *testing.T) []reserve.Offered {
	t.Helper()
	offered, err := reserve.Select(reserve.Offer(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return offered
}

// lease is what Blazar is asked for.
type lease struct {
	Name         string           `json:"name"`
	Start        string           `json:"start_date"`
	End          string           `json:"end_date"`
	Reservations []map[string]any `json:"reservations"`
}

// The command creates a lease at a Blazar with the real client, of a type and of nodes.
func TestCommandCreatesALease(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openstack"); err != nil {
		t.Skip("openstack is needed: apt-get install python3-openstackclient python3-blazarclient")
	}

	texts := filled(t, builtIn(t))
	for kind, want := range map[string][]string{
		"type":  {`["==", "$node_type", ` + quoted(hostile) + `]`},
		"nodes": {`["==", "$hypervisor_hostname", ` + quoted(hostile) + `]`, `["==", "$hypervisor_hostname", "n2"]`},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			got := create(t, texts["cli "+kind])
			if got.Name != "my-lease" || got.Start != "2099-01-01 00:00" || got.End != "2099-01-02 00:00" {
				t.Errorf("the lease is %+v", got)
			}

			var asked []string
			for _, r := range got.Reservations {
				properties, _ := r["resource_properties"].(string)
				if kind == "nodes" {
					properties, _ = r["hypervisor_properties"].(string)
				}
				asked = append(asked, compact(t, properties))
			}

			for i := range want {
				want[i] = compact(t, want[i])
			}
			if !slices.Equal(asked, want) {
				t.Errorf("the reservations are %q, want %q", asked, want)
			}
		})
	}
}

// create runs a command against a Blazar, and returns the lease that it creates.
func create(t *testing.T, command string) (got lease) {
	t.Helper()
	keystone := blazartest.NewKeystone(t)
	blazar := blazartest.Start(t, keystone.URL)
	keystone.SetCatalog(blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R", URL: blazar.URL})
	blazar.Fail(blazartest.Leases, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %s: %v", r.Method, body, err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"lease": {"id": "1", "name": "my-lease"}}`))
	})

	newer, err := filepath.Abs("testdata/newerclient")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8", "OS_AUTH_URL=" + keystone.URL,
		"OS_IDENTITY_API_VERSION=3", "OS_USERNAME=" + blazartest.User, "OS_PASSWORD=" + blazartest.Password,
		"OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_NAME=p", "OS_PROJECT_DOMAIN_NAME=Default", "OS_REGION_NAME=R",
		"PYTHONPATH=" + newer}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v: %s", command, err, out)
	}
	if left, err := os.ReadDir(dir); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() == "x" }) {
		t.Errorf("a name was executed: %v, %v", left, err)
	}

	return got
}

// The command for a flavor asks Nova for its id, and Blazar for instances.
func TestCommandOfAFlavor(t *testing.T) {
	t.Parallel()
	command := filled(t, builtIn(t))["cli flavor"]
	out := run(t, `openstack() { printf '%s\0' "$@" >&3; printf '<end>\0' >&3; echo id-of-it; }`+"\n"+command,
		"sh", "-c", "exec 3>&1 >&2; . /dev/stdin")
	want := [][]string{
		{"flavor", "show", "-f", "value", "-c", "id", "--", hostile},
		{"reservation", "lease", "create", "--reservation", "resource_type=flavor:instance,flavor_id=id-of-it,amount=2",
			"--start-date", "2099-01-01 00:00", "--end-date", "2099-01-02 00:00", "my-lease"},
	}
	for i, call := range strings.Split(strings.TrimSuffix(string(out), "<end>\x00"), "<end>\x00") {
		if got := strings.Split(strings.TrimSuffix(call, "\x00"), "\x00"); i >= len(want) || !slices.Equal(got, want[i]) {
			t.Errorf("call %d is %q", i, got)
		}
	}

	if _, err := exec.LookPath("openstack"); err != nil {
		t.Skip("openstack is needed: apt-get install python3-openstackclient python3-blazarclient")
	}

	// Without affinity, which the client adds, Blazar refuses it.
	got := create(t, `openstack() { if [ "$1" = flavor ]; then echo id-of-it; else command openstack "$@"; fi; }`+"\n"+command)
	reserved := []map[string]any{{"resource_type": "flavor:instance", "flavor_id": "id-of-it", "amount": 2.0, "affinity": "None"}}
	if diff := cmp.Diff(reserved, got.Reservations); diff != "" {
		t.Errorf("reserved (-want +got):\n%s", diff)
	}
}

// The programs in Python run, and ask Blazar for what they should. Python-chi and EnOSlib,
// which no distribution has, are stood in for by what has their signatures.
func TestPrograms(t *testing.T) {
	t.Parallel()
	out := run(t, encoded(t, filled(t, builtIn(t))), "python3", "-c", `
import json, sys
sys.path.insert(0, "testdata/python")
import chi, enoslib
modules = {"python-chi": chi, "enoslib": enoslib}
asked = {}
for name, text in json.load(sys.stdin).items():
    if module := modules.get(name.split()[0]):
        module.asked.clear()
        exec(text, {})
        asked[name] = list(module.asked)
print(json.dumps(asked))
`)
	var asked map[string][]any
	if err := json.Unmarshal(out, &asked); err != nil {
		t.Fatal(err)
	}

	at := func(reservations ...any) []any {
		return []any{map[string]any{"site": hostile}, map[string]any{"name": "my-lease", "start_date": "2099-01-01 00:00",
			"end_date": "2099-01-02 00:00", "reservations": reservations, "waits": false}}
	}
	hosts := func(n float64, property, value string) any {
		return map[string]any{"resource_type": "physical:host", "min": n, "max": n,
			"resource_properties": compact(t, `["==", "$`+property+`", `+quoted(value)+`]`)}
	}
	for _, calls := range asked {
		for _, call := range calls {
			reservations, _ := call.(map[string]any)["reservations"].([]any)
			for _, r := range reservations {
				if properties, ok := r.(map[string]any)["resource_properties"].(string); ok {
					r.(map[string]any)["resource_properties"] = compact(t, properties)
				}
			}
		}
	}

	want := map[string][]any{
		"python-chi type":   at(hosts(2, "node_type", hostile)),
		"python-chi nodes":  at(hosts(1, "node_name", hostile+"1"), hosts(1, "node_name", "two")),
		"python-chi flavor": at(map[string]any{"resource_type": "flavor:instance", "flavor_id": "id of " + hostile, "amount": 2.0}),
		"enoslib type": {map[string]any{"lease_name": "my-lease", "walltime": "24:00:00", "seconds": 24 * 3600.0,
			"rc_file": "openrc.sh", "key_name": "my-key", "image": "CC-Ubuntu24.04",
			"machines": []any{map[string]any{"roles": []any{"node"}, "flavour": hostile, "number": 2.0}}}},
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Terraform's own parser reads what is for it, and names as they are.
func TestTerraform(t *testing.T) {
	t.Parallel()
	texts := filled(t, append(builtIn(t), reserve.Offered{Name: "own",
		Snippet: reserve.Snippet{Language: "hcl", Type: "name = {{type}}\nproperties = {{type_properties}}"}}))
	program := filepath.Join(t.TempDir(), "hcl")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = "testdata/hcl"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	read := func(text string) (found struct {
		Blocks []string
		Texts  map[string]string
	}) {
		if err := json.Unmarshal(run(t, text, program), &found); err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, kind := range []string{"type", "nodes", "flavor"} {
		if found := read(texts["terraform "+kind]); len(found.Blocks) != 2 ||
			!strings.HasPrefix(found.Blocks[1], "resource openstack_compute_instance_v2 ") {
			t.Errorf("%s has the blocks %q", kind, found.Blocks)
		}
	}
	if found := read(texts["own type"]); found.Texts["name"] != hostile || !strings.Contains(found.Texts["properties"], "node_type") {
		t.Errorf("the names are %q", found.Texts)
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func quoted(text string) string {
	out, _ := json.Marshal(text) // a string always has JSON
	return string(out)
}

// compact is JSON in one form.
func compact(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return encoded(t, v)
}
