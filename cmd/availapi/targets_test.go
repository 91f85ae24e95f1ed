package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/google/go-cmp/cmp"
)

// twoRegions gives the north's catalog a second region, and returns an entry
// that names none.
func twoRegions(b *testbed) string {
	k := b.north.Keystone
	k.SetCatalog(
		blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R1", URL: b.north.URL},
		blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R2", URL: b.south.URL},
	)
	return strings.Replace(b.north.Entry(), "region_name: "+blazartest.Region+"\n", "", 1)
}

// Where a site is asked is logged once; and a choice that nobody has made.
func TestTargetsAreLogged(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	entry := twoRegions(b)
	b.clouds = blazartest.WriteClouds(t,
		map[string]string{"chi_north": entry + "intreface: internal\nimage_format: raw\n"})
	p := b.start(t, "[availability.sites.north]\ncloud = \"chi_north\"\n")
	synced(t, p.address, "north")

	for range 2 {
		p.reload(t)
	}

	for _, line := range []string{
		`msg="polling a site" site=north cloud=chi_north keystone=http://[^ ]+/v3 region=R1 interface=public url=` +
			regexp.QuoteMeta(b.north.URL) + "\n",
		`level=WARN msg="several regions in the catalog, none named in clouds.yaml: using the first" site=north cloud=chi_north regions=R1,R2 region=R1`,
		`level=WARN msg="key has no effect" key=intreface at=.*clouds.yaml:9 why="unknown to openstacksdk: did you mean interface\?"`,
		`level=INFO msg="keys not needed here" keys=image_format`,
	} {
		if n := len(regexp.MustCompile(line).FindAllString(p.log.String(), -1)); n != 1 {
			t.Errorf("%s is %d times in the log:\n%s", line, n, p.log)
		}
	}

	if strings.Contains(p.log.String(), blazartest.Secret) {
		t.Error("a secret is in the log")
	}
}

// A site that answers again says where.
func TestRecoveryNamesTheTarget(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	b.north.Keystone.Fail(blazartest.KeystoneError(503, "later"))
	p := b.start(t, strings.Replace(settings, "[availability]\n", "[availability]\nerror_backoff_seconds = 1\n", 1))
	eventually(t, "a sync fails", func() error { return p.log.has(`msg="sync failed" site=north`) })
	b.north.Keystone.Fail(nil)
	eventually(t, "the site answers again", func() error {
		return p.log.has(`msg="sync recovered" site=north cloud=chi_north keystone=[^ ]+ region=` +
			blazartest.Region + ` interface=public url=` + regexp.QuoteMeta(b.north.URL))
	})
}

// Hosts that are not in the tree are counted. That none is in it is logged when
// it begins and when it ends.
func TestForeignHosts(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	b.north.Set(blazartest.Data{Hosts: []any{blazartest.Host("1", "other-1"), blazartest.Host("2", "other-2")}})
	p := b.start(t, "[availability.sites.north]\ncloud = \"chi_north\"\n")
	unknown := func(want float64) func() error {
		return func() error {
			if got := find(t, scrape(t, p.address), "refapi_sync_unknown_hosts", "site", "north"); got != want {
				return fmt.Errorf("%v hosts are unknown, want %v", got, want)
			}
			return nil
		}
	}

	synced(t, p.address, "north")
	eventually(t, "hosts are counted", unknown(2))
	const begins = `level=WARN msg="no host of the site is a node of it in the tree: wrong cloud\?" site=north hosts=2 first=other-1 cloud=`
	eventually(t, "it is logged", func() error { return p.log.has(begins) })

	b.north.Set(blazartest.Data{Hosts: []any{blazartest.Host("1", strings.ToUpper(na01)+".example.org")}})
	other := b.start(t, "[availability.sites.north]\ncloud = \"chi_north\"\n")
	eventually(t, "the likeness is told", func() error {
		return other.log.has(`hosts=1 first=0A1F[^ ]+ hint="host names differ from node uids only in case or by a domain" cloud=`)
	})

	b.north.Set(northern())
	p.reload(t)
	eventually(t, "that it is over is logged", func() error {
		return p.log.has(`msg="hosts of the site match the tree again" site=north hosts=6 unknown=0`)
	})

	eventually(t, "none is unknown", unknown(0))
	if n := len(regexp.MustCompile(begins).FindAllString(p.log.String(), -1)); n != 1 {
		t.Errorf("the beginning is logged %d times", n)
	}
}

// --once says where each site was asked.
func TestOnceNamesTheTarget(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	b.clouds = blazartest.WriteClouds(t, map[string]string{"chi_north": twoRegions(b)})
	var out, log strings.Builder
	if code := run(t.Context(), []string{"--once", "--os-cloud", "chi_north"}, &out, &log, b.getenv(),
		nil); code != cli.ExitOK {
		t.Fatalf("exit code %d: %s", code, &log)
	}

	var report syncReport
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil {
		t.Fatal(err)
	}

	want := map[string]any{
		"cloud": "chi_north", "keystone": b.north.Keystone.URL, "region": "R1", "interface": "public", "url": b.north.URL,
		"regions": "R1,R2",
	}
	if diff := cmp.Diff(want, report.Sites[0].Target); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if !strings.Contains(log.String(), "several regions in the catalog") ||
		strings.Contains(log.String(), "level=INFO") {
		t.Errorf("the log is %q", &log)
	}
}

// The unit passes on what the guide says to install: clouds.yaml and secure.yaml,
// under the names that systemd gives to the files of a directory.
func TestUnitPassesCredentials(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("../../etc/availapi.service")
	if err != nil {
		t.Fatal(err)
	}

	load := regexp.MustCompile(`(?m)^LoadCredential=(\w+):(/[\w/.]+)$`).FindStringSubmatch(string(unit))
	if load == nil {
		t.Fatal("etc/availapi.service loads no directory of credentials")
	}

	if guide := section(t, "operating.md", "## Add availability"); !strings.Contains(guide,
		"install -m 0600 -t "+load[2]+" clouds.yaml") {
		t.Errorf("docs/operating.md does not install clouds.yaml in %s", load[2])
	}

	dir := t.TempDir() // the credentials' directory, %d
	write(t, dir, load[1]+"_clouds.yaml",
		"clouds:\n  chi:\n    auth: {auth_url: 'http://k/v3', application_credential_id: i}\n")
	env := map[string]string{}

	for _, m := range regexp.MustCompile(`(?m)^Environment=(\w+)=(.*)$`).FindAllStringSubmatch(string(unit), -1) {
		env[m[1]] = strings.ReplaceAll(m[2], "%d", dir)
	}

	read := func() error {
		getenv := func(name string) string { return env[name] }
		_, _, err := blazar.New("chi", availability.Environment{Getenv: getenv}).Check()
		return err
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "application_credential_secret is missing") {
		t.Errorf("without secure.yaml: %v", err)
	}

	write(t, dir, load[1]+"_secure.yaml", "clouds:\n  chi:\n    auth: {application_credential_secret: s}\n")
	if err := read(); err != nil {
		t.Errorf("with %s: %v", filepath.Join(dir, load[1]+"_secure.yaml"), err)
	}
}
