package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// What is too large is refused with its own status, and the next request is
// answered.
func TestOversize(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)

	// A connection that goes on is read to the end of the request.
	lasting := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	t.Cleanup(lasting.CloseIdleConnections)
	many := strings.Repeat(`{"node_names":["na01"]},`, 101)
	for _, tt := range []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		want                       string
	}{
		{name: "header", method: "GET", target: "/version",
			headers: []string{"X-Long", strings.Repeat("x", 64<<10)}, status: 431},
		{name: "many headers", method: "GET", target: "/version", headers: manyHeaders(4000), status: 431},
		{name: "query", method: "GET", target: "/nodes/search?q=" + strings.Repeat("x", 8<<10), status: 414,
			want: `"detail":"The address is too long"`},
		{name: "query of the longest", method: "GET", target: "/nodes/search?q=" + strings.Repeat("x", 8<<10-2),
			status: 200, want: `{"total":0,`},
		{name: "body", method: "POST", target: "/nodes/search",
			body: `{"filter_set":[` + strings.Repeat(" ", 64<<10) +
				`]}`, status: 413, want: `"detail":"The request body is too large"`},
		{name: "body of the longest", method: "POST", target: "/nodes/search",
			body: `{"filter_set":[]}` + strings.Repeat(" ", 64<<10-17), status: 200, want: `{"total":7,`},
		{name: "filters", method: "POST", target: "/nodes/search",
			body: `{"filter_set":[` + strings.TrimSuffix(many, ",") + `]}`, status: 422, want: `"type":"too_long"`},
		{name: "labels", method: "POST", target: "/nodes/search",
			body: `{"filter_set":[` + strings.TrimSuffix(strings.Repeat(`{"labels":{"a":"b","c":"d"}},`, 51), ",") +
				`]}`, status: 422, want: `"type":"too_long"`},
		{name: "depth", method: "POST", target: "/nodes/search", body: strings.Repeat("[", 60000), status: 422,
			want: `"loc":["body"]`},
		{name: "no body", method: "POST", target: "/nodes/search", status: 422, want: `"type":"json_invalid"`},
		{name: "not JSON", method: "POST", target: "/nodes/search", body: "\x00\xff", status: 422,
			want: `"type":"json_invalid"`},
		{name: "two bodies", method: "POST", target: "/nodes/search", body: `{}{}`, status: 422,
			want: `"type":"json_invalid"`},
		{name: "not an object", method: "POST", target: "/nodes/search", body: `[]`, status: 422, want: `an object`},
		{name: "body of GET", method: "GET", target: "/version", body: strings.Repeat("x", 100<<10), status: 200,
			want: `"version"`},
		{name: "path", method: "GET", target: "/" + strings.Repeat("x", 16<<10), status: 404,
			want: `"detail":"Not Found"`},
		{name: "segments", method: "GET", target: strings.Repeat("/x", 8<<10), status: 404,
			want: `"detail":"Not Found"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := askWith(lasting, tt.method, p.address, tt.target, tt.body, tt.headers...)
			if err != nil {
				t.Fatal(err)
			}

			if a.StatusCode != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%s %.300s, want %d with %q", a.Status, a.body, tt.status, tt.want)
			}
			if err := status(p.address, "/-/healthy", http.StatusOK); err != nil {
				t.Error(err)
			}
		})
	}
}

func manyHeaders(n int) (headers []string) {
	for i := range n {
		headers = append(headers, fmt.Sprintf("X-%d", i), "some value")
	}
	return headers
}

// What is no HTTP is refused, and so are lengths that contradict.
func TestBadHTTP(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)

	for _, tt := range []struct {
		name, request, want string
	}{
		{"noise", "\x16\x03\x01\x02\x00\r\n\r\n", "HTTP/1.1 400 "},
		{"no host", "GET /version HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"two lengths", "POST /nodes/search HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 400 "},
		{"bad chunk", "POST /nodes/search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			"HTTP/1.1 400 "},
		{"expects", "POST /nodes/search HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: the unexpected\r\n\r\n{}", "HTTP/1.1 417 "},
		{"request id of evil", "GET /version HTTP/1.1\r\nHost: x\r\nX-Request-Id: a b\tc\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 "},
		{"old HTTP", "GET /version HTTP/1.0\r\n\r\n", "HTTP/1.0 200 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := raw(t, p.address, tt.request); !strings.HasPrefix(got, tt.want) ||
				strings.Contains(got, "a b\tc") {
				t.Errorf("got %.200q, want %q", got, tt.want)
			}
		})
	}
}

// raw sends bytes, and returns what comes until the connection ends.
func raw(t testing.TB, address, request string) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}

	// What was not read of the request may cut the answer's end off.
	answer, _ := io.ReadAll(io.LimitReader(bufio.NewReader(conn), 1<<20))
	return string(answer)
}

// slowClients is how many there are, as far as the limit of open files goes:
// the rest is for the other tests.
func slowClients(t testing.TB) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}

	n := int(min(limit.Cur, limit.Max)/2) - 1000
	if n = min(n, 10000); n < 5000 {
		t.Logf("the limit of open files allows %d slow clients only", n)
	}

	return n
}

// took is how long a search takes.
func took(t testing.TB, address string) time.Duration {
	t.Helper()
	began := time.Now()
	if err := status(address, "/nodes/search?gpu=true", http.StatusOK); err != nil {
		t.Fatal(err)
	}
	return time.Since(began)
}

// Thousands of clients that send their request byte by byte, or do not take
// their answer, keep nobody else waiting, and cost little memory.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	state := "[availapi]\nstate_dir = \"\"\n"
	args := append(b.config(t, state+settings), "--port", "0")
	c, idle := b.spawn(t, nil, args...), b.spawn(t, nil, args...)
	synced(t, c.address, "north")
	synced(t, idle.address, "north")
	n := slowClients(t)
	half := "GET /version HTTP/1.1\r\nHost: x\r\nX-Slow: "
	greedy := strings.Repeat("GET /nodes/search HTTP/1.1\r\nHost: x\r\n\r\n", 100)
	conns := make([]net.Conn, n)
	var wg sync.WaitGroup

	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < n; i += 8 {
				conn, err := net.DialTimeout("tcp", c.address, patience)
				if err != nil {
					t.Errorf("slow client %d: %v", i, err)
					return
				}

				conns[i] = conn
				request := half
				if i%100 == 0 {
					request = greedy
				}

				// The server may have lost its patience with it.
				_, _ = io.WriteString(conn, request)
			}
		})
	}

	wg.Wait()

	// A server of its own with no slow clients is the yardstick: both are asked
	// in turn, so that whatever else the machine does slows both.
	var beside, alone []time.Duration
	for range 50 {
		beside = append(beside, took(t, c.address))
		alone = append(alone, took(t, idle.address))
	}

	slices.Sort(beside)
	slices.Sort(alone)
	median, yardstick := beside[len(beside)/2], alone[len(alone)/2]

	all := scrape(t, c.address)
	goroutines, resident := find(t, all, "go_goroutines"), find(t, all, "process_resident_memory_bytes")
	t.Logf("%d slow clients: a request beside them took %v (at most %v), without them %v; %.0f goroutines, %.0f MB",
		n, median, beside[len(beside)-1], yardstick, goroutines, resident/(1<<20))

	if median > 10*yardstick {
		t.Errorf("a request took %v beside slow clients, %v without", median, yardstick)
	}
	if each := resident / float64(n); n > 1000 && each > maxSlowClient {
		t.Errorf("%.0f kB for each slow client, want at most %d", each/(1<<10), maxSlowClient>>10)
	}

	for _, conn := range conns {
		if conn != nil {
			conn.Close()
		}
	}

	eventually(t, "the clients are forgotten", func() error {
		if left := find(t, scrape(t, c.address), "go_goroutines"); left > 200 {
			return fmt.Errorf("%.0f goroutines are left", left)
		}
		return nil
	})
}
