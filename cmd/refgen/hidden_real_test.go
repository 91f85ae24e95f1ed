package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

var hideGrid5000 = flag.Bool("grid5000", false, "also hide values of Grid'5000's repository")

// Of real repositories, nothing of what is hidden is in any byte of a release: serial
// numbers, and addresses of machines and of their management controllers.
func TestRealHidden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bundle  string
		skip    bool
		hidden  []string
		atLeast int
	}{
		{treetest.Bundle, false, []string{"/chassis/serial", "/chassis/serial_number", "/storage_devices/*/serial",
			"/network_adapters/*/mac", "/network_interfaces/*/mac"}, 5000},
		{treetest.Grid5000Bundle, !*hideGrid5000, []string{"/chassis/serial", "/chassis/serial_number",
			"/network_adapters/*/mac", "/network_adapters/*/ip", "/network_adapters/*/ip6", "/network_adapters/*/guid"}, 10000},
	} {
		t.Run(filepath.Base(tt.bundle), func(t *testing.T) {
			t.Parallel()
			bundle := filepath.Join("../..", tt.bundle)
			if _, err := os.Stat(bundle); err != nil {
				t.Skipf("no real data: %s is not there", bundle)
			}
			if tt.skip {
				t.Skip("`make test-private` hides values of this repository, too")
			}

			hidden, public := valuesOf(t, bundle, tt.hidden)
			for value := range public {
				delete(hidden, value) // `refgen check` reports these
			}
			delete(hidden, "0.0.0.0") // the guide has it
			if len(hidden) < tt.atLeast {
				t.Fatalf("%d values are hidden", len(hidden))
			}

			dir := t.TempDir()
			config := filepath.Join(dir, "config.toml")
			pointers, _ := json.Marshal(tt.hidden)
			write(t, config, fmt.Sprintf("[privacy]\nhidden = %s\n", pointers))
			var out bytes.Buffer
			args := []string{"--config", config, "build", "--repo", bundle, "--out", dir + "/public", "--quiet"}
			if code := runAt(t.Context(), args, &out, &out, os.Getenv, time.Now, durable.OS{}); code != 0 {
				t.Fatal(out.String())
			}

			for p, body := range readLive(t, dir+"/public") {
				for word := range wordSet(body) {
					if hidden[word] {
						t.Errorf("%s has %s", p, word)
					}
				}
			}
		})
	}
}

// valuesOf returns the texts in a repository's JSON files that pointers name, and those
// that they do not, from all commits, as wordSet has them.
func valuesOf(t *testing.T, bundle string, pointers []string) (hidden, public map[string]bool) {
	t.Helper()
	dir := t.TempDir()
	gittest.Run(t, dir, "clone", "--quiet", "--bare", absolute(t, bundle), "repo.git")
	rest := gittest.Run(t, dir+"/repo.git", "cat-file", "--batch-all-objects", "--batch", "--unordered") + "\n"

	hidden, public = map[string]bool{}, map[string]bool{}
	for rest != "" {
		var head string
		head, rest, _ = strings.Cut(rest, "\n")
		size, err := strconv.Atoi(head[strings.LastIndexByte(head, ' ')+1:])
		if err != nil {
			t.Fatal(err)
		}
		text := rest[:size]
		rest = rest[size+1:]

		var file map[string]any
		if strings.Contains(head, " blob ") && json.Unmarshal([]byte(text), &file) == nil {
			for _, p := range pointers {
				take(file, strings.Split(p, "/")[1:], hidden)
			}
			rest, err := json.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			maps.Copy(public, wordSet(rest))
		} else if !strings.Contains(head, " tree ") {
			maps.Copy(public, wordSet([]byte(text))) // of messages
		}
	}

	return hidden, public
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// take takes what a pointer names out of a value, and collects its texts.
func take(value any, pointer []string, into map[string]bool) {
	each := func(name string, member any, remove func()) {
		if pointer[0] != "*" && pointer[0] != name {
			return
		}
		if len(pointer) == 1 {
			collect(member, into)
			remove()
		} else {
			take(member, pointer[1:], into)
		}
	}

	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			each(name, member, func() { delete(value, name) })
		}
	case []any:
		for n, element := range value {
			each(strconv.Itoa(n), element, func() { value[n] = nil })
		}
	}
}

// collect adds the texts in a value that identify something.
func collect(value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for _, member := range value {
			collect(member, into)
		}
	case []any:
		for _, element := range value {
			collect(element, into)
		}
	case string:
		if wordOnly.MatchString(value) && strings.ContainsAny(value, "0123456789") {
			into[value] = true
		}
	}
}

var wordOnly = regexp.MustCompile(`^[0-9A-Za-z:._-]{6,}$`)

// wordSet returns the words of a text of which serial numbers and addresses consist.
func wordSet(text []byte) map[string]bool {
	set := map[string]bool{}
	start := -1
	for i := 0; i <= len(text); i++ {
		switch isIn := i < len(text) && wordBytes[text[i]]; {
		case isIn && start < 0:
			start = i
		case !isIn && start >= 0:
			set[string(text[start:i])] = true
			start = -1
		}
	}
	return set
}

var wordBytes = func() (in [256]bool) {
	for _, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:._-") {
		in[c] = true
	}
	return in
}()
