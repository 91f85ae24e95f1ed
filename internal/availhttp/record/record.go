// Package record records responses of the live routes, as examples for the API's
// description. The real handler makes them, at a time that is given, for the few nodes
// that are in the other examples. Their reservations are made up.
package record

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Live returns examples of the live routes' responses at a time. The examples of static
// routes are the files of the release that the responses are about. A route that
// answers nothing but errors there has no example.
func Live(of tree.Release, at time.Time, static openapi.Examples) (openapi.Examples, error) {
	node, flavor := static[route.Node].Args, static[route.Flavor].Args
	if node == nil {
		return nil, nil
	}

	r, err := releaseOf(of, at, static)
	if err != nil {
		return nil, fmt.Errorf("record examples: %w", err)
	}

	now := at.Add(20 * time.Second)
	handler := availhttp.New(availhttp.Options{
		Release: func() *release.Release { return r },
		Monitor: monitor{at: at, release: r},
		Flavors: flavors{at: at},
		Now:     func() time.Time { return now },
		Log:     slog.New(slog.DiscardHandler),
	})

	live := openapi.Examples{}
	for id, row := range route.All() {
		if !row.Live {
			continue
		}

		params := row.Params()
		args := node
		if slices.Contains(params, "flavor") {
			args = flavor
		}
		if len(args) < len(params) {
			continue
		}

		args = args[:len(params)]
		body, err := get(handler, id.Path(args...))
		if err != nil {
			return nil, fmt.Errorf("record examples: %w", err)
		}
		if body != nil {
			live[id] = openapi.Example{Args: args, Body: body}
		}
	}

	return live, nil
}

// releaseOf returns the release whose files are the bodies of examples.
func releaseOf(of tree.Release, live time.Time, examples openapi.Examples) (*release.Release, error) {
	bodies := map[string][]byte{}
	var files tree.Collector
	for id, e := range examples {
		file := id.File(e.Args...)
		bodies[file] = e.Body
		files.Add(tree.Entry{Path: file})
	}

	return release.New(files.Manifest(of), live, func(file string) ([]byte, error) {
		if body, ok := bodies[file]; ok {
			return body, nil
		}
		return nil, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
	})
}

// get returns the body of a 200; nil for any other response.
func get(handler http.Handler, path string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, path, http.NoBody)
	if err != nil {
		return nil, err
	}

	w := &response{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		return nil, nil
	}

	return w.Bytes(), nil
}

// response is a response in memory.
type response struct {
	header http.Header
	status int
	bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (r *response) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *response) WriteHeader(status int) { r.status = status }

// monitor has the status of the sites that have nodes, each synced once.
type monitor struct {
	at      time.Time
	release *release.Release
}

// Sites implements [availhttp.Monitor].
func (m monitor) Sites() (sites []string) {
	for i := range m.release.Nodes {
		sites = append(sites, m.release.Nodes[i].Site)
	}
	return slices.Compact(sites) // the nodes are in order
}

// Status implements [availhttp.Monitor].
func (m monitor) Status(site string) (availability.Status, bool) {
	report := &availability.Report{}
	for i, uid := range m.release.NodesOf(site) {
		report.Hosts = append(report.Hosts, availability.Host{Node: uid, Reservations: m.reservations(i)})
	}

	report.Rows = len(report.Hosts)
	return availability.Status{
		Snapshot:    availability.NewSnapshot(site, m.at, report),
		LastAttempt: m.at,
		NextAttempt: m.at.Add(m.Schedule().PollInterval),
	}, len(report.Hosts) > 0
}

// reservations returns those of a site's n-th node: the first is reserved, the second
// is free until tomorrow.
func (m monitor) reservations(n int) []availability.Interval {
	if n%2 == 0 {
		return []availability.Interval{window(m.at, -6, 18), window(m.at, 96, 168)}
	}
	return []availability.Interval{window(m.at, 24, 72)}
}

// Schedule implements [availhttp.Monitor].
func (monitor) Schedule() availability.Schedule {
	return availability.Schedule{PollInterval: time.Minute}
}

// Generation implements [availhttp.Monitor].
func (monitor) Generation() uint64 { return 1 }

// flavors has every flavor, with more instances free from tomorrow on.
type flavors struct{ at time.Time }

// Flavor implements [availhttp.Flavors].
func (f flavors) Flavor(
	_ context.Context, _, _ string, asked availability.Interval,
) (*availability.FlavorAnswer, error) {
	tomorrow := window(f.at, 24, 24).Start
	return &availability.FlavorAnswer{
		Segments: []availability.Segment{
			{Interval: availability.Interval{Start: asked.Start, End: tomorrow}, Available: 3, Total: 8},
			{Interval: availability.Interval{Start: tomorrow, End: asked.End}, Available: 8, Total: 8},
		},
		Requested: f.at,
		Expires:   f.at.Add(2 * time.Minute),
	}, nil
}

// window is an interval by its ends, in hours after a time.
func window(at time.Time, from, to time.Duration) availability.Interval {
	return availability.Interval{
		Start: availability.At(at.Add(from * time.Hour)), End: availability.At(at.Add(to * time.Hour)),
	}
}
