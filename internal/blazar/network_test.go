package blazar_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/chameleoncloud/refapi/internal/test/faulttest"
)

// Wherever the network cuts an exchange with Keystone and Blazar off, says nothing more, or
// slows down: what is served and stored is the last answer or the new one, as a whole, and
// the next sync gets the new one.
func TestFaultsOfTheNetwork(t *testing.T) {
	t.Parallel()
	n := newNetworkRig(t)
	n.Piece = 512
	if faulttest.All() {
		n.Piece = 16
	}

	var rows []faulttest.Row
	for _, restart := range []bool{true, false} {
		pieces := n.pieces(restart)
		for _, kind := range []faulttest.Kind{faulttest.Cut, faulttest.Stall, faulttest.Slow} {
			row := faulttest.Row{Scenario: "a sync", Kind: kind, Operations: pieces}
			if restart {
				row.Scenario = "the first sync"
			}
			for at := range pieces {
				n.fail(&row, restart, at)
			}
			rows = append(rows, row)
		}
	}
	faulttest.Report(t, rows)
}

// networkRig is a cloud behind a network that fails.
type networkRig struct {
	*testing.T
	faulttest.Network
	cloud         *blazartest.Cloud
	env           availability.Environment
	store         *availability.Store
	before, after blazartest.Data
}

func newNetworkRig(t *testing.T) *networkRig {
	t.Helper()
	n := &networkRig{T: t, cloud: blazartest.NewCloud(t)}
	keystone, service := n.front(n.cloud.Keystone.URL), n.front(n.cloud.URL)
	n.cloud.Keystone.SetCatalog(blazartest.Endpoint{Type: "reservation", Interface: "public",
		Region: blazartest.Region, URL: service})

	entry := strings.Replace(n.cloud.Entry(), n.cloud.Keystone.URL, keystone, 1)
	n.env.Getenv = blazartest.Env(blazartest.WriteClouds(t, map[string]string{"chi": entry}))
	n.store = availability.NewStore(durable.OS{}, t.TempDir())

	// Of one host, everything changes; another one goes, and another one comes.
	n.before, n.after = hostsAndRows(3), hostsAndRows(4)
	n.after.Hosts, n.after.Allocations = n.after.Hosts[1:], n.after.Allocations[1:]
	n.before.Allocations[2] = blazartest.Allocation(3,
		blazartest.Reservation("2099-01-01T00:00:00.000000", "2099-02-01T00:00:00.000000"))
	n.after.Allocations[1] = blazartest.Allocation(3,
		blazartest.Reservation("2099-03-01T00:00:00.000000", "2099-04-01T00:00:00.000000"))
	return n
}

// front returns where a service can be had behind the network.
func (n *networkRig) front(service string) string {
	n.Helper()
	to, err := url.Parse(service)
	if err != nil {
		n.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: to.Scheme, Host: to.Host})
	proxy.ErrorLog = log.New(io.Discard, "", 0) // clients that have gone
	server := httptest.NewUnstartedServer(proxy)
	server.Listener = n.Listen(server.Listener)
	server.Start()
	n.Cleanup(server.Close)
	return server.URL + to.Path
}

// impatient is a source whose time is over when its network stalls.
type impatient struct {
	*networkRig
	client *blazar.Client
}

// Hosts implements [availability.Source].
func (i impatient) Hosts(ctx context.Context) (*availability.Report, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	late, expire := expiringContext{ctx, make(chan struct{})}, i.Stalled()
	go func() {
		select {
		case <-expire:
			close(late.done)
		case <-ctx.Done():
		}
	}()
	return i.client.Hosts(late)
}

// start polls the old answer with a new client, or if restart is set, only loads it from
// where an earlier one stored it. The answer is the new one from then on.
func (n *networkRig) start(restart bool) (m *availability.Monitor, end func()) {
	n.Helper()
	n.Reset(faulttest.None, 0)
	client := blazar.New("chi", n.env)
	m = n.monitor(client)
	n.cloud.Set(n.before)
	if err := m.SyncOnce(n.Context())["uc"]; err != nil {
		n.Fatal(err)
	}

	if restart {
		client.Close()
		client = blazar.New("chi", n.env)
		m = n.monitor(client)
	}
	n.cloud.Set(n.after)
	return m, client.Close
}

func (n *networkRig) monitor(c *blazar.Client) *availability.Monitor {
	m := availability.NewMonitor(availability.Options{Store: n.store})
	m.Configure(availability.Schedule{}, map[string]availability.Source{"uc": impatient{n, c}})
	return m
}

// pieces counts the pieces of a sync without a fault.
func (n *networkRig) pieces(restart bool) int {
	n.Helper()
	m, end := n.start(restart)
	defer end()
	n.Reset(faulttest.None, 0)
	if err := m.SyncOnce(n.Context())["uc"]; err != nil || !n.isAfter(m.Snapshot("uc")) {
		n.Fatalf("%+v, %v", m.Snapshot("uc"), err)
	}
	return n.Reset(faulttest.None, 0)
}

// fail lets one sync meet a fault, and then one without.
func (n *networkRig) fail(row *faulttest.Row, restart bool, at int) {
	n.Helper()
	m, end := n.start(restart)
	defer end()

	old := m.Snapshot("uc")
	n.Reset(row.Kind, at)
	failed := m.SyncOnce(n.Context())["uc"]
	met := n.Met()
	n.Reset(faulttest.None, 0)
	if !met {
		row.Missed++
		return
	}

	row.Faults++
	row.Asked += 3
	lose := func(what string, got *availability.Snapshot, err error) {
		row.Losses = append(row.Losses, fmt.Sprintf("piece %d: %s: %+v, %v [sync: %v]", at, what, got, err, failed))
	}

	served := m.Snapshot("uc")
	if failed == nil {
		row.Survived++
	} else {
		row.Refused++
	}
	if failed == nil && !n.isAfter(served) || failed != nil && served != old {
		lose("served", served, nil)
	}
	if stored, err := n.store.Load("uc"); err != nil || !cmp.Equal(served.Hosts, stored.Hosts, unexported) {
		lose("stored", stored, err)
	}
	if err := m.SyncOnce(n.Context())["uc"]; err != nil || !n.isAfter(m.Snapshot("uc")) {
		lose("the next sync", m.Snapshot("uc"), err)
	}
}

// unexported is what hosts keep for faster answers.
var unexported = cmpopts.IgnoreUnexported(availability.Host{})

// isAfter reports whether a snapshot is the new answer.
func (n *networkRig) isAfter(s *availability.Snapshot) bool {
	end := availability.At(time.Date(2099, 4, 1, 0, 0, 0, 0, time.UTC))
	return len(s.Hosts) == 3 && s.Rows == 3 && len(s.Warnings) == 0 && s.Hosts[0].Node == "b" &&
		len(s.Hosts[0].Reservations) == 0 && s.Hosts[1].Node == "c" && len(s.Hosts[1].Reservations) == 1 &&
		s.Hosts[1].Reservations[0].End == end && s.Hosts[2].Node == "d" && len(s.Hosts[2].Reservations) == 0
}
