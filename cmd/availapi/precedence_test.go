package main

import (
	"path/filepath"
	"testing"
)

// A flag goes before the environment, the environment before the file, and the
// file before the default.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := write(t, dir, "config.toml", "[publish]\nout = \"out\"\n[availapi]\nhost = \"::1\"\nport = 1001\nstate_dir = \"kept\"\n")
	empty := write(t, dir, "empty.toml", "")
	type settled struct {
		host        string
		port        int
		tree, state string
	}
	below := func(name string) string { return filepath.Join(dir, name) }
	for _, tt := range []struct {
		name  string
		flags flags
		env   map[string]string
		want  settled
	}{
		{"default", flags{Config: empty, Port: unset}, nil, settled{"127.0.0.1", 8001, below("public"), below("state")}},
		{"file", flags{Config: file, Port: unset}, nil, settled{"::1", 1001, below("out"), below("kept")}},
		{"file that the environment names", flags{Port: unset}, map[string]string{"REFERENCE_API_CONFIG": file}, settled{"::1", 1001, below("out"), below("kept")}},
		{"flag before that", flags{Config: empty, Port: unset}, map[string]string{"REFERENCE_API_CONFIG": file}, settled{"127.0.0.1", 8001, below("public"), below("state")}},
		{"environment", flags{Config: file, Port: unset},
			map[string]string{"AVAILAPI_HOST": "127.0.0.2", "AVAILAPI_PORT": "1002", "REFERENCE_API_OUT": "/out", "STATE_DIRECTORY": "/var/lib/x"},
			settled{"127.0.0.2", 1002, "/out", below("kept")}},
		{"flag", flags{Config: file, Host: "127.0.0.3", Port: 1003, Tree: "tree"},
			map[string]string{"AVAILAPI_HOST": "127.0.0.2", "AVAILAPI_PORT": "1002", "REFERENCE_API_OUT": "/out"},
			settled{"127.0.0.3", 1003, "tree", below("kept")}},
		{"port 0 is one", flags{Config: file, Port: 0}, map[string]string{"AVAILAPI_PORT": "1002"}, settled{"::1", 0, below("out"), below("kept")}},
		{"public address", flags{Config: empty, Port: unset}, map[string]string{"REFERENCE_API_HOST": "192.0.2.1", "REFERENCE_API_PORT": "80"},
			settled{"127.0.0.1", 8001, below("public"), below("state")}},
		{"systemd's directory before the default", flags{Config: empty, Port: unset}, map[string]string{"STATE_DIRECTORY": "/var/lib/x"},
			settled{"127.0.0.1", 8001, below("public"), "/var/lib/x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := tt.flags.load(func(name string) string { return tt.env[name] })
			if err != nil {
				t.Fatal(err)
			}
			if got := (settled{c.Availapi.Host, c.Availapi.Port, c.Publish.Out, c.Availapi.StateDir}); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
