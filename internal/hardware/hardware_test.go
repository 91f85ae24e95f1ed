package hardware_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

func read(t *testing.T, text string) hardware.Machine {
	t.Helper()
	file, err := rawjson.Parse([]byte(text), rawjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m, v := hardware.Read(file)
	if len(v.Members) != len(file.Members) {
		t.Errorf("%d members were read of %d", len(v.Members), len(file.Members))
	}
	return m
}

func TestRead(t *testing.T) {
	t.Parallel()
	got := read(t, `{"node_name":"n1","node_type":"gpu","architecture":{"platform_type":"x86_64","smp_size":2,"smt_size":48},
		"gpu":{"gpu":true,"gpu_model":"A100"},"main_memory":{"ram_size":2.74877906944e11},"infiniband":1,
		"storage_devices":[{"size":480000000000},{"size":"x"},7],"network_adapters":[{"rate":1000},{"rate":25000000000}],
		"chassis":{"manufacturer":"Dell","name":"R740"},"placement":{"rack":12},"processor":{"model":" Xeon ","clock_speed":2600000000}}`)
	want := hardware.Machine{Name: "n1", Type: "gpu", Arch: "x86_64", CPU: "Xeon", Sockets: 2, Threads: 48, Clock: 2600000000,
		RAM: 274877906944, GPUs: 1, GPU: "A100", Storage: 480000000000, Disks: 3, Network: 25000000000, InfiniBand: true,
		Chassis: "Dell R740", Rack: "12", HasGPU: true, ChassisVendor: "Dell", ChassisModel: "R740"}
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	other := want
	other.Name, other.Rack = "n2", "5"
	if got.Kind() != other.Kind() {
		t.Error("name and rack count as hardware")
	}
	if other.RAM++; got.Kind() == other.Kind() {
		t.Error("memory does not count as hardware")
	}
}

// Whatever a file says, it reads as something.
func TestReadOddFiles(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"architecture":[],"gpu":"yes","main_memory":null,"storage_devices":{"size":1},"network_adapters":3}`,
		`{"main_memory":{"ram_size":-5},"gpu":{"gpu":false,"gpu_count":null},"node_name":{}}`, `{"main_memory":{"ram_size":1e300}}`} {
		if got := read(t, text); got != (hardware.Machine{}) {
			t.Errorf("%s reads as %+v", text, got)
		}
	}
	if got := read(t, `{"storage_devices":[{"size":9223372036854775807},{"size":9223372036854775807}]}`); got.Storage < 0 {
		t.Errorf("much storage is %d bytes", got.Storage)
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want string }{
		{hardware.Binary(206158430208), "192\u00a0GiB"},
		{hardware.Binary(0), ""},
		{hardware.Binary(32768), "32\u00a0KiB"},
		{hardware.Decimal(480000000000), "480\u00a0GB"},
		{hardware.Decimal(1920383410176), "1.92\u00a0TB"},
		{hardware.Decimal(2000398934016), "2\u00a0TB"},
		{hardware.Rate(25000000000), "25\u00a0Gbit/s"},
		{hardware.Frequency(2450000000), "2.45\u00a0GHz"},
		{hardware.Decimal(1<<63 - 1), "9.22\u00a0EB"},
		{hardware.Decimal(7), "7\u00a0B"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
