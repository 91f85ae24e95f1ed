package containers

import (
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// project reads etc/compose.yaml as docker compose does: by the schema of the compose
// specification, with everything that refers to something checked.
func project(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../compose.yaml"}, cli.WithInterpolation(true),
		cli.WithConsistency(true))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every service runs with the least that it needs.
func TestCompose(t *testing.T) {
	t.Parallel()
	p := project(t)
	var live []string
	for name, s := range p.Services {
		if !s.ReadOnly || s.User != "65532:65532" || s.Privileged || !slices.Equal(s.CapDrop, []string{"ALL"}) ||
			!slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: its root can be written, or it may do more than it needs", name)
		}
		if s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 || s.Restart != "unless-stopped" {
			t.Errorf("%s: without a health check, or without a restart", name)
		}

		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeVolume && v.Target == "/var/lib/refapi" && v.ReadOnly == (name == "refgen") {
				t.Errorf("%s: releases are mounted read-only: %v", name, v.ReadOnly)
			}
		}
		if len(s.Ports) > 0 && name != "nginx" {
			t.Errorf("%s: only nginx is for everybody", name)
		}
		if address := s.Networks["default"]; strings.HasPrefix(name, "availapi-") && address != nil {
			live = append(live, address.Ipv4Address+":8001")
		}
	}

	slices.Sort(live)
	if nginx := p.Services["nginx"]; len(live) < 2 || !slices.Contains(nginx.Command, strings.Join(live, ",")) {
		t.Errorf("availapi is at %v, nginx runs %v", live, nginx.Command)
	}
}
