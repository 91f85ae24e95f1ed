package main

import (
	"path/filepath"
	"testing"
)

// Precedence: flag, environment, file, default. STATE_DIRECTORY is no exception.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := write(t, dir, "config.toml", `
[publish]
out = "out"
[availapi]
host = "::1"
port = 1001
state_dir = "kept"
`)

	stated := write(t, dir, "stated.toml", "[availapi]\nstate_dir = \"state\"\n")
	none := write(t, dir, "none.toml", "[availapi]\nstate_dir = \"\"\n")
	empty := write(t, dir, "empty.toml", "")
	below := func(name string) string { return filepath.Join(dir, name) }
	type settled struct {
		host        string
		port        int
		tree, state string
	}

	for _, tt := range []struct {
		name string
		args []string
		env  map[string]string
		want settled
	}{
		{
			name: "default",
			args: []string{"--config", empty},
			want: settled{host: "127.0.0.1", port: 8001, tree: below("public"), state: below("state")},
		},
		{
			name: "file",
			args: []string{"--config", file},
			want: settled{host: "::1", port: 1001, tree: below("out"), state: below("kept")},
		},
		{
			name: "file that the environment names",
			env:  map[string]string{"REFERENCE_API_CONFIG": file},
			want: settled{host: "::1", port: 1001, tree: below("out"), state: below("kept")},
		},
		{
			name: "file that a flag names",
			args: []string{"--config", empty},
			env:  map[string]string{"REFERENCE_API_CONFIG": file},
			want: settled{host: "127.0.0.1", port: 8001, tree: below("public"), state: below("state")},
		},
		{
			name: "environment",
			args: []string{"--config", file},
			env: map[string]string{
				"AVAILAPI_HOST": "127.0.0.2", "AVAILAPI_PORT": "1002", "REFERENCE_API_OUT": "/out", "STATE_DIRECTORY": "/var/lib/x",
			},
			want: settled{host: "127.0.0.2", port: 1002, tree: "/out", state: "/var/lib/x"},
		},
		{
			name: "flag",
			args: []string{
				"--config", file, "--host", "127.0.0.3", "--port", "1003", "--tree", "tree", "--state-dir", "here",
			},
			env: map[string]string{
				"AVAILAPI_HOST": "127.0.0.2", "AVAILAPI_PORT": "1002", "REFERENCE_API_OUT": "/out", "STATE_DIRECTORY": "/var/lib/x",
			},
			want: settled{host: "127.0.0.3", port: 1003, tree: "tree", state: "here"},
		},
		{
			name: "port 0 is a port",
			args: []string{"--config", file, "--port", "0"},
			env:  map[string]string{"AVAILAPI_PORT": "1002"},
			want: settled{host: "::1", tree: below("out"), state: below("kept")},
		},
		{
			name: "the public address is another one",
			args: []string{"--config", empty},
			env:  map[string]string{"REFERENCE_API_HOST": "192.0.2.1", "REFERENCE_API_PORT": "80"},
			want: settled{host: "127.0.0.1", port: 8001, tree: below("public"), state: below("state")},
		},
		{
			name: "a file that states the default counts as any other",
			args: []string{"--config", stated},
			env:  map[string]string{"STATE_DIRECTORY": "/var/lib/x"},
			want: settled{host: "127.0.0.1", port: 8001, tree: below("public"), state: "/var/lib/x"},
		},
		{
			name: "no directory",
			args: []string{"--config", none},
			want: settled{host: "127.0.0.1", port: 8001, tree: below("public")},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := readSetup(tt.args, func(name string) string { return tt.env[name] })
			if err != nil {
				t.Fatal(err)
			}
			if got := (settled{host: s.Host, port: int(s.Port), tree: s.Tree, state: s.StateDir}); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
