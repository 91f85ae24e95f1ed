package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/chameleoncloud/refapi/internal/config"
)

// container is how etc/compose.yaml and etc/kubernetes start a program.
type container struct {
	where   string
	command []string
	env     []string // names of variables
}

// containers are those of compose and of Kubernetes.
func containers(t *testing.T) (all []container) {
	t.Helper()
	var compose struct {
		Services map[string]struct {
			Command     []string
			Environment map[string]string
			HealthCheck struct{ Test []string }
		}
	}
	readYAML(t, "../../etc/compose.yaml", &compose)
	for name, s := range compose.Services {
		c := container{where: "etc/compose.yaml: " + name, command: s.Command}
		for variable := range s.Environment {
			c.env = append(c.env, variable)
		}
		all = append(all, c, container{where: c.where + ": health check", command: s.HealthCheck.Test[1:]})
	}

	var deployment struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Name    string
						Command []string
						Env     []struct{ Name string }
					}
				}
			}
		}
	}
	readYAML(t, "../../etc/kubernetes/deployment.yaml", &deployment)
	for _, k := range deployment.Spec.Template.Spec.Containers {
		c := container{where: "etc/kubernetes/deployment.yaml: " + k.Name, command: k.Command}
		for _, variable := range k.Env {
			c.env = append(c.env, variable.Name)
		}
		all = append(all, c)
	}

	return all
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// What compose, Kubernetes and the image start are commands that there are, with flags and
// variables that these have.
func TestContainers(t *testing.T) {
	t.Parallel()
	var known []string
	for _, s := range config.Default().Settings() {
		known = append(known, s.Variables()...)
	}
	known = append(known, "XDG_CACHE_HOME", "PATH", "GOMEMLIMIT")

	// The image's own variables are in the source of its maker.
	source, err := os.ReadFile("../../etc/image/image.go")
	if err != nil {
		t.Fatal(err)
	}
	image := container{where: "etc/image/image.go", command: []string{"availapi"}}
	for _, m := range regexp.MustCompile(`(?m)^\t"([A-Z_]+)=`).FindAllStringSubmatch(string(source), -1) {
		image.env = append(image.env, m[1])
	}

	all := append(containers(t), image)
	if len(all) < 12 || len(image.env) < 5 {
		t.Fatalf("found %d containers, and %q", len(all), image.env)
	}
	for _, c := range all {
		checkCommand(t, c)
		for _, name := range c.env {
			if !slices.Contains(known, name) {
				t.Errorf("%s: no program reads %s", c.where, name)
			}
		}
	}
}

func checkCommand(t *testing.T, c container) {
	t.Helper()
	line := strings.Join(c.command, " ")
	args, isRefgen := strings.CutPrefix(line, "refgen ")
	if rest, ok := strings.CutPrefix(line, "refapi nginx"); ok { // it hands its flags on
		args, isRefgen = "nginx"+rest, true
	}

	switch {
	case isRefgen:
		parser, err := newParser(&commands{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(args)); err != nil {
			t.Errorf("%s: %s: %v", c.where, line, err)
		}
	case line != "availapi" && !strings.HasPrefix(line, "refapi health http://127.0.0.1:80"):
		t.Errorf("%s starts %q", c.where, line)
	}
}

// The configuration in the ConfigMap is valid.
func TestConfigMap(t *testing.T) {
	t.Parallel()
	var m struct{ Data map[string]string }
	readYAML(t, "../../etc/kubernetes/config.yaml", &m)
	text := m.Data["config.toml"]
	for _, src := range []string{text, strings.ReplaceAll(text, "# ", "")} { // as it is, and with all that it proposes
		if _, err := config.Parse(strings.ReplaceAll(src, " entry of clouds.yaml", "")); err != nil {
			t.Errorf("etc/kubernetes/config.yaml: %v\n%s", err, src)
		}
	}
}
