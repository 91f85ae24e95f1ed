// Package containers checks etc/kubernetes and etc/compose.yaml by the schemas that
// Kubernetes and compose publish, and what refers to what in them.
package containers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kubectl-validate/pkg/openapiclient"
	"sigs.k8s.io/kubectl-validate/pkg/validator"
	"sigs.k8s.io/yaml"
)

// manifests are the objects of etc/kubernetes, by file.
func manifests(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("etc/kubernetes: %v, %v", files, err)
	}

	all := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("\n---")) {
			t.Errorf("%s has several objects: want one for each file", file)
		}
		all[filepath.Base(file)] = text
	}
	return all
}

// Each object is valid by the schemas that Kubernetes publishes, for the oldest and the
// newest release whose schemas the validator has.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"1.27", "1.30"} {
		v, err := validator.New(openapiclient.NewHardcodedBuiltins(release))
		if err != nil {
			t.Fatal(err)
		}

		for name, text := range manifests(t) {
			_, object, err := v.Parse(text)
			if err == nil {
				err = v.Validate(object)
			}
			if err != nil {
				t.Errorf("Kubernetes %s: %s: %v", release, name, err)
			}
		}
	}
}

// A validator that accepts everything would not be noticed.
func TestSchemasRefuse(t *testing.T) {
	t.Parallel()
	v, err := validator.New(openapiclient.NewHardcodedBuiltins("1.30"))
	if err != nil {
		t.Fatal(err)
	}

	deployment := manifests(t)["deployment.yaml"]
	for change, with := range map[string]string{
		"replicas: 2":        "replicas: two",
		"maxUnavailable: 0":  "maxUnavailible: 0",
		"port: http":         "scheme: HTTP",
		"kind: Deployment":   "kind: Deploy",
		"timeoutSeconds: 3":  "timeout: 3",
		"runAsNonRoot: true": "runAsNonRoot: maybe",
	} {
		text := bytes.Replace(deployment, []byte(change), []byte(with), 1)
		_, object, err := v.Parse(text)
		if err == nil {
			err = v.Validate(object)
		}
		if err == nil {
			t.Errorf("with %q for %q the deployment is accepted", with, change)
		}
	}
}

// decode reads one of the manifests, and fails for members that the type does not have.
func decode[T any](t *testing.T, name string) (object T) {
	t.Helper()
	if err := yaml.UnmarshalStrict(manifests(t)[name], &object); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return object
}

// The admission of pods with the profile "restricted" accepts them.
func TestPodSecurity(t *testing.T) {
	t.Parallel()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		t.Fatal(err)
	}

	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	pod := decode[appsv1.Deployment](t, "deployment.yaml").Spec.Template
	for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			t.Errorf("%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
		}
	}

	for _, c := range pod.Spec.Containers {
		if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
			t.Errorf("container %s: its root file system can be written", c.Name)
		}
		if c.Resources.Limits.Memory().IsZero() || c.LivenessProbe == nil {
			t.Errorf("container %s has no limit of memory, or no probe", c.Name)
		}
	}
	if got := decode[corev1.Namespace](t, "namespace.yaml").Labels[api.EnforceLevelLabel]; got != "restricted" {
		t.Errorf("the namespace enforces %q", got)
	}
}

// What refers to another object, a label, a port or a volume refers to one that is there.
func TestReferences(t *testing.T) {
	t.Parallel()
	pod := decode[appsv1.Deployment](t, "deployment.yaml").Spec.Template
	ports := portNames(t, pod.Spec.Containers)

	service := decode[corev1.Service](t, "service.yaml").Spec
	disruption := decode[policyv1.PodDisruptionBudget](t, "disruption.yaml").Spec
	network := decode[networkingv1.NetworkPolicy](t, "network.yaml").Spec
	for name, selector := range map[string]*metav1.LabelSelector{
		"service.yaml":    {MatchLabels: service.Selector},
		"disruption.yaml": disruption.Selector,
		"network.yaml":    &network.PodSelector,
		"deployment.yaml": decode[appsv1.Deployment](t, "deployment.yaml").Spec.Selector,
	} {
		s, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil || s.Empty() || !s.Matches(labels.Set(pod.Labels)) {
			t.Errorf("%s selects no pod of the deployment: %v", name, err)
		}
	}

	for _, p := range service.Ports {
		if !slices.Contains(ports, p.TargetPort.String()) {
			t.Errorf("service.yaml: no container has the port %s", p.TargetPort.String())
		}
	}
	for _, rule := range network.Ingress {
		for _, p := range rule.Ports {
			if !slices.Contains(ports, p.Port.String()) {
				t.Errorf("network.yaml: no container has the port %s", p.Port)
			}
		}
	}
	volumes(t, pod.Spec)

	if replicas := *decode[appsv1.Deployment](t, "deployment.yaml").Spec.Replicas; int(replicas) <= disruption.MinAvailable.IntValue() {
		t.Errorf("with %d replicas and at least %s available, no node can be drained", replicas, disruption.MinAvailable)
	}
}

// portNames lists the ports of containers. Their probes name ports of their own.
func portNames(t *testing.T, containers []corev1.Container) (all []string) {
	t.Helper()
	for _, c := range containers {
		var own []string
		for _, p := range c.Ports {
			own = append(own, p.Name)
		}
		for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
			if probe == nil {
				continue
			}
			var port string
			switch {
			case probe.HTTPGet != nil:
				port = probe.HTTPGet.Port.String()
			case probe.TCPSocket != nil:
				port = probe.TCPSocket.Port.String()
			}
			if !slices.Contains(own, port) {
				t.Errorf("container %s: a probe asks the port %q, which is not its own", c.Name, port)
			}
		}
		all = append(all, own...)
	}
	return all
}

// volumes checks that containers mount volumes that there are, and these take from objects
// that there are.
func volumes(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	names := map[string]bool{}
	for _, v := range pod.Volumes {
		names[v.Name] = false
		if v.ConfigMap != nil && v.ConfigMap.Name != decode[corev1.ConfigMap](t, "config.yaml").Name {
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
		if v.Secret != nil && v.Secret.SecretName != decode[corev1.Secret](t, "secret.yaml").Name {
			t.Errorf("there is no Secret %s", v.Secret.SecretName)
		}
	}

	for _, c := range pod.Containers {
		for _, m := range c.VolumeMounts {
			if _, ok := names[m.Name]; !ok {
				t.Errorf("container %s: there is no volume %s", c.Name, m.Name)
			}
			names[m.Name] = true
		}
	}
	for name, used := range names {
		if !used {
			t.Errorf("no container mounts the volume %s", name)
		}
	}
}

// The objects are all in the namespace, whose file comes with them.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	want := decode[corev1.Namespace](t, "namespace.yaml").Name
	for name, text := range manifests(t) {
		var object metav1.PartialObjectMetadata
		if err := yaml.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		if object.Kind != "Namespace" && object.Namespace != want {
			t.Errorf("%s: the namespace is %q, want %q", name, object.Namespace, want)
		}
		if object.Labels["app.kubernetes.io/name"] != "refapi" {
			t.Errorf("%s: labels are %v", name, fmt.Sprint(object.Labels))
		}
	}
}
