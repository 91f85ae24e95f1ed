package availhttp

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	node := hardware.Parse([]byte(`{"site_id":"s","placement":{"rack":"12","node":3},"gpu":{"gpu":true},` +
		`"storage_devices":[{"media_type":"HDD"},{"media_type":"ssd"}],"a":{"b.c":"x"},"a.b":{"c":2.50}}`))
	for label, want := range map[string]bool{
		"placement.rack=12": true, "placement.node=3": true, "gpu.gpu=true": true, "a.b.c=x": true,
		"a.b.c=2.50": true, "site_id=s": true, "storage_devices.media_type=ssd": true, "placement=12": false,
		"placement.rack=": false, "nope=": false, "a.b.c=2.5": false, "=": false, ".=": false,
	} {
		path, text, _ := strings.Cut(label, "=")
		if isLabelled(node, path, text) != want {
			t.Errorf("label %s: %v", label, !want)
		}
	}
}
