package blazar_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// What is asked is chosen by clouds.yaml from the catalog, or in its place, and
// told.
func TestTarget(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(elsewhere.Close)
	cloud.Keystone.SetCatalog(
		blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R1", URL: elsewhere.URL + "/v1"},
		blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R2", URL: cloud.URL},
		blazartest.Endpoint{Type: "reservation", Interface: "internal", Region: "R2", URL: cloud.URL},
		blazartest.Endpoint{Type: "other", Interface: "public", Region: "R3",
			URL: cloud.URL + "/" + blazartest.SecretProject + "/v1"},
	)

	entry := strings.NewReplacer("region_name: "+blazartest.Region+"\n", "", "interface: public\n",
		"").Replace(cloud.Entry())
	base := blazar.Target{Cloud: "chi", Keystone: cloud.Keystone.URL}
	with := func(region, face, url string, more ...string) blazar.Target {
		to := base
		to.Region, to.Interface, to.URL, to.Regions = region, face, url, more
		return to
	}

	override := with("R1", "public", cloud.URL)
	override.Override = true
	for name, tt := range map[string]struct {
		lines string
		want  blazar.Target
		fails bool
	}{
		"no region": {"", with("R1", "public", elsewhere.URL+"/v1", "R1", "R2"), true},
		"a region":  {"region_name: R2\n", with("R2", "public", cloud.URL), false},
		"its own region": {"region_name: R1\nreservation-region-name: R2\n", with("R2", "public", cloud.URL),
			false},
		"one region has it": {"interface: internal\n", with("R2", "internal", cloud.URL), false},
		"interfaces in order": {"interface: [admin, internalURL, public]\n", with("R2", "internal", cloud.URL),
			false},
		"the next interface": {"region_name: R1\ninterface: [internal, public]\n",
			with("R1", "public", elsewhere.URL+"/v1"), true},
		"its own interface": {"interface: public\nreservation_interface: internal\n",
			with("R2", "internal", cloud.URL), false},
		"an override": {"region_name: R1\nreservation_endpoint_override: " + cloud.URL + "\n", override,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told []blazar.Target
			c := clientOf(t, entry+tt.lines,
				func(o *blazar.Options) { o.Connected = func(to blazar.Target) { told = append(told, to) } })

			for range 2 {
				if _, err := c.Hosts(t.Context()); (err != nil) != tt.fails {
					t.Errorf("fails: %v, want %v", err, tt.fails)
				}
			}

			if len(told) == 0 {
				t.Fatal("nobody is told")
			}

			if diff := cmp.Diff(tt.want, told[0]); diff != "" {
				t.Error(diff)
			}
			if !tt.fails && len(told) != 1 {
				t.Errorf("one session is told %d times", len(told))
			}
		})
	}

	t.Run("another service type", func(t *testing.T) {
		t.Parallel()
		var told blazar.Target
		c := clientOf(t, entry+"reservation_service_type: other\n",
			func(o *blazar.Options) { o.Connected = func(to blazar.Target) { told = to } })
		_, _ = c.Hosts(t.Context()) // there is no Blazar; what counts is what is told

		if told.Region != "R3" || strings.Contains(told.URL, blazartest.SecretProject) ||
			!strings.HasSuffix(told.URL, "/…/v1") {
			t.Errorf("told %+v", told)
		}
	})

	t.Run("none of the interfaces", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(t, entry+"region_name: R1\ninterface: [admin, internal]\n").Hosts(t.Context())
		check(t, err, fault{
			reason: availability.ReasonCatalog, want: "no admin or internal endpoint for it in region R1", advice: "reservation_endpoint_override",
		})
	})
}

// A catalog without Blazar is no obstacle where clouds.yaml has its URL.
func TestOverrideWithoutCatalog(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Set(blazartest.Data{Flavors: []blazartest.Flavor{{ID: "7", Name: "m1.small", Entries: []any{}}}})
	cloud.Keystone.SetCatalog()
	c := clientOf(t, cloud.Entry()+"reservation_endpoint_override: "+cloud.URL+"/\ncompute-endpoint-override: "+
		cloud.Compute+"\n")
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.Flavor(t.Context(), "m1.small", availability.Interval{}); err != nil {
		t.Error(err)
	}
}

// Without the network it is said what clouds.yaml alone says.
func TestCheckTarget(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"": "region unset (first in the catalog), interface public, URL from Keystone's catalog",
		"region_name: CHI\ninterface: [internal, public]\n": "region CHI, interface internal,public, URL from Keystone's catalog",
		"reservation_endpoint_override: http://u:very-secret@b:1/v1/" + blazartest.Credential +
			"\n": "URL http://b:1/v1/… (endpoint override)",
	} {
		file := blazartest.WriteClouds(t, map[string]string{"chi": goodEntry + lines})
		to, notes, err := blazar.Check(blazar.Options{Cloud: "chi", Getenv: blazartest.Env(file)})
		if err != nil || len(notes) != 0 {
			t.Fatal(err, notes)
		}
		if to.String() != want || to.Keystone != "https://keystone.example:5000/v3" || to.Cloud != "chi" {
			t.Errorf("%q: %+v, want %s", lines, to, want)
		}
	}
}

// api_timeout ends an exchange before the configuration does.
func TestAPITimeout(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Keystone.Fail(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := clientOf(t, cloud.Entry()+"api_timeout: 0.05\n",
		func(o *blazar.Options) { o.Timeout = time.Hour }).Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTimeout, want: "no response in time"})
}
