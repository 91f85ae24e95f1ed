package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/rogpeppe/go-internal/testscript"
)

// suite is all tests, with what they share.
type suite struct{ *testing.M }

// Run runs the tests, and removes what they have shared.
func (s suite) Run() int {
	defer shared.remove()
	return s.M.Run()
}

// The test binary is the program, too, for tests that kill it.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){
		"availapi": main,
	})
}

// patience is how long a test waits for what must happen.
const patience = 2 * time.Minute

// eventually waits until something holds. It returns nil then, and else why it
// does not.
func eventually(t testing.TB, what string, holds func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()

	for {
		err := holds()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		<-tick.C
	}
}

// record collects what the program writes.
type record struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan string // the address, once
}

var serving = regexp.MustCompile(`serving.*address"?[=:]"?http://([^ "]+)`)

func newRecord() (*record, <-chan string) {
	found := make(chan string, 1)
	return &record{found: found}, found
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Write(p)
	if m := serving.FindSubmatch(p); m != nil && r.found != nil {
		r.found <- string(m[1])
		r.found = nil
	}
	return len(p), nil
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// has reports whether a regular expression is found in what was written.
func (r *record) has(expression string) error {
	if !regexp.MustCompile(expression).MatchString(r.String()) {
		return fmt.Errorf("%s is not in the log:\n%s", expression, r)
	}
	return nil
}

// program is availapi, running in this process.
type program struct {
	address string // host:port
	log     *record
	hangups chan os.Signal
	// stop asks it to end, as SIGTERM does.
	stop context.CancelFunc
	// ended has the exit code.
	ended <-chan int
}

// start runs availapi until the test ends, on a free port.
func start(t testing.TB, getenv func(string) string, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log, found := newRecord()
	ended := make(chan int, 1)
	p := &program{log: log, hangups: make(chan os.Signal), stop: stop, ended: ended}
	go func() {
		ended <- run(ctx, append([]string{"--port", "0"}, args...), io.Discard, log, getenv, p.hangups)
		close(ended)
	}()

	t.Cleanup(func() {
		stop()
		if code := <-ended; code != cli.ExitOK {
			t.Errorf("exit code %d\n%s", code, log)
		}
		if t.Failed() {
			t.Logf("the log of availapi:\n%s", log)
		}
	})

	select {
	case p.address = <-found:
	case code := <-ended:
		t.Fatalf("exit code %d\n%s", code, log)
	case <-time.After(patience):
		t.Fatalf("it does not serve\n%s", log)
	}

	return p
}

// answer is what a request got.
type answer struct {
	*http.Response
	body string
}

// ask sends a request, and reads its answer. Headers are name and value in turn.
func ask(method, address, target, body string, headers ...string) (answer, error) {
	return askWith(client, method, address, target, body, headers...)
}

func askWith(client *http.Client, method, address, target, body string, headers ...string) (answer, error) {
	req, err := http.NewRequest(method, "http://"+address+target, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}

	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}

	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()

	text, err := io.ReadAll(res.Body)
	return answer{res, string(text)}, err
}

// client leaves no connection behind, so that nobody waits for one, and follows
// no redirect.
var client = &http.Client{
	Timeout:       patience,
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// get asks for an address that answers.
func get(t testing.TB, address, target string, headers ...string) answer {
	t.Helper()
	a, err := ask(http.MethodGet, address, target, "", headers...)
	if err != nil {
		t.Fatalf("GET %s: %v", target, err)
	}
	return a
}

// status says what an answer's status is, if it is another than wanted.
func status(address, target string, want int) error {
	a, err := ask(http.MethodGet, address, target, "")
	if err == nil && a.StatusCode != want {
		err = fmt.Errorf("GET %s: %s, want %d: %s", target, a.Status, want, a.body)
	}
	return err
}

// overview is the answer of /availability.
type overview struct {
	Total int
	Items []struct {
		Site      string  `json:"site_id"`
		Synced    *string `json:"last_synced"`
		Age       *int    `json:"age_seconds"`
		Stale     bool
		LastError *string `json:"last_error"`
		Counts    map[string]int
	}
}

// sites asks for /availability.
func sites(address string) (o overview, err error) {
	a, err := ask(http.MethodGet, address, "/availability", "")
	if err == nil && a.StatusCode != http.StatusOK {
		err = fmt.Errorf("/availability: %s", a.Status)
	}
	if err == nil {
		err = json.Unmarshal([]byte(a.body), &o)
	}
	return o, err
}

// synced waits until a site's data is there.
func synced(t testing.TB, address, site string) {
	t.Helper()
	eventually(t, "site "+site+" is synced",
		func() error { return status(address, "/sites/"+site+"/availability", http.StatusOK) })
}

// write writes a file of the test's own, and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
