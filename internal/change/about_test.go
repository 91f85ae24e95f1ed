package change_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/route"
)

// What a change is about follows from where it is, and whether more than its form is new.
func TestAbout(t *testing.T) {
	t.Parallel()
	const none = ""
	for _, tt := range []struct {
		kind               route.KindID
		pointer, old, text string
		want               change.About
	}{
		{route.NodeKind, "/placement/rack", `11`, `"11"`, change.AboutSpelling},
		{route.NodeKind, "/main_memory/ram_size", `2.50`, `2.5`, change.AboutSpelling},
		{route.NodeKind, "/processor/vendor", `"Dell Inc."`, `"Dell"`, change.AboutSpelling},
		{route.NodeKind, "/processor/model", `"Intel(R) Xeon(R) Gold"`, `"Intel Xeon Gold"`, change.AboutSpelling},
		{route.NodeKind, "/architecture/platform_type", `"x86_64"`, `"X86-64"`, change.AboutSpelling},
		{route.NodeKind, "/gpu", `null`, `""`, change.AboutSpelling},
		{route.NodeKind, "/gpu/gpu", `true`, `"True"`, change.AboutSpelling},
		{route.NodeKind, "/main_memory/ram_size", `1`, `1.0`, change.AboutSpelling},
		{route.NodeKind, "/main_memory/ram_size", `1000`, `"1e3"`, change.AboutSpelling},
		{route.NodeKind, "/chassis/name", `"Caf\u00e9"`, `"Cafe\u0301"`, change.AboutSpelling},
		{route.NodeKind, "/network_adapters/0/list", `[[1,2],["a"]]`, `[["1","2"],["A"]]`, change.AboutSpelling},
		{route.NodeKind, "/placement/rack", `"1-12"`, `"11-2"`, change.AboutPlace},
		{route.NodeKind, "/bios/version", `"1.1"`, `"1.10"`, change.AboutFirmware},
		{route.NodeKind, "/chassis/serial", `"1e3"`, `"1000"`, change.AboutHardware},
		{route.NodeKind, "/main_memory/ram_size", `12345678901234567890`, `12345678901234567891`, change.AboutHardware},
		{route.NodeKind, "/main_memory/ram_size", `1e999999999999999999999`, `1`, change.AboutHardware},
		{route.NodeKind, "/storage_devices/0/model", `"inf"`, `"infinity"`, change.AboutHardware},
		{route.NodeKind, "/storage_devices", none, none, change.AboutSpelling}, // another order
		{route.NodeKind, "/storage_devices/0/humanized_size", `"1 TB"`, `"2 TB"`, change.AboutSpelling},
		{route.NodeKind, "/infiniband", none, `false`, change.AboutHardware},
		{route.NodeKind, "/main_memory/ram_size", `1`, `2`, change.AboutHardware},
		{route.NodeKind, "/main_memory/ram_size", `-1`, `1`, change.AboutHardware},
		{route.NodeKind, "/storage_devices/1", none, `{"device":"sdb"}`, change.AboutHardware},
		{route.NodeKind, "/storage_devices/0/serial", `"a"`, `"b"`, change.AboutHardware},
		{route.NodeKind, "/processor/version", `"1.23"`, `"12.3"`, change.AboutHardware},
		{route.NodeKind, "/network_adapters/0/ip", `"10.0.0.1"`, `"10.0.0.2"`, change.AboutData},
		{route.NodeKind, "/bios/version", `"1"`, `"2"`, change.AboutFirmware},
		{route.NodeKind, "/storage_devices/0/rev", `"1"`, `"2"`, change.AboutFirmware},
		{route.NodeKind, "/placement/rack", `"A1"`, `"A2"`, change.AboutPlace},
		{route.NodeKind, "/node_type", `"a"`, `"b"`, change.AboutType},
		{route.NodeKind, "/admin_note", none, `"SGX"`, change.AboutNote},
		{route.NodeKind, "/links", none, `[]`, change.AboutSpelling},
		{route.NodeKind, "/supported_job_types/deploy", `true`, `false`, change.AboutData},
		{route.FlavorKind, "/su_cost_per_hour", none, `0.95`, change.AboutCost},
		{route.FlavorKind, "/vcpus", `1`, `2`, change.AboutHardware},
		{route.FlavorKind, "/description", `"a"`, `"b"`, change.AboutData},
		{route.SiteKind, "/latitude", `1`, `2`, change.AboutData},
	} {
		op := change.Op{Pointer: tt.pointer}
		if tt.old != none {
			op.Old = []byte(tt.old)
		}
		if tt.text != none {
			op.New = []byte(tt.text)
		}
		if got := op.About(tt.kind); got != tt.want {
			t.Errorf("%s of a %s from %q to %q is about %c, want %c", tt.pointer, tt.kind, tt.old, tt.text, got, tt.want)
		}
	}
}
