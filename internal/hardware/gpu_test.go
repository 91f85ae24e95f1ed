package hardware_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

// models are names of GPUs as files of testbeds have them, with what a person would write:
// family, what distinguishes models of a family, and GiB of memory, if the name says so.
const models = `
NVIDIA | GA100 [A100 PCIe 40GB] | NVIDIA A100 | 40GB PCIe | 40
NVIDIA | GA100 [A100 SXM4 80GB] | NVIDIA A100 | 80GB SXM4 | 80
NVIDIA | GA100GL [A30 PCIe] | NVIDIA A30 | PCIe | 0
NVIDIA | GM200GL [Tesla M40] | NVIDIA M40 | | 0
NVIDIA | TU102GL [Quadro RTX 6000/8000] | NVIDIA Quadro RTX 6000/8000 | | 0
AMD | Arcturus GL-XL [Instinct MI100] | AMD MI100 | | 0
NVIDIA | GK210GL [Tesla K80] | NVIDIA K80 | | 0
NVIDIA | GP100GL [Tesla P100 PCIe 16GB] | NVIDIA P100 | 16GB PCIe | 16
NVIDIA | GV100GL [Tesla V100 SXM2 32GB] | NVIDIA V100 | 32GB SXM2 | 32
NVIDIA | GH100 [H100 SXM5 94GB] | NVIDIA H100 | 94GB SXM5 | 94
NVIDIA | P100 | NVIDIA P100 | | 0
Intel | Ponte Vecchio XT (2 Tile) [Data Center GPU Max 1550] | Intel Max 1550 | | 0
NVIDIA | GH200 96GB HBM3 | NVIDIA GH200 | 96GB HBM3 | 96
NVIDIA | NVIDIA Corporation | | | 0
NVIDIA | Tesla V100 | NVIDIA V100 | | 0
NVIDIA Corporation | NVIDIA A100-SXM4-80GB | NVIDIA A100 | 80GB SXM4 | 80
Nvidia | RTX PRO 6000 Blackwell Server Edition | NVIDIA RTX PRO 6000 Blackwell | | 0
Nvidia | Tesla M2075 | NVIDIA M2075 | | 0
Nvidia | GeForce GTX TITAN X | NVIDIA GTX TITAN X | | 0
Nvidia | Tesla P100-SXM2-16GB | NVIDIA P100 | 16GB SXM2 | 16
Nvidia | Tesla P100-PCIE-16GB | NVIDIA P100 | 16GB PCIe | 16
Nvidia | GeForce GTX 1080 Ti | NVIDIA GTX 1080 Ti | | 0
Nvidia | GeForce GTX 1080 | NVIDIA GTX 1080 | | 0
Nvidia | TITAN X (Pascal) | NVIDIA TITAN X (Pascal) | | 0
Nvidia | TITAN Xp | NVIDIA TITAN Xp | | 0
Nvidia | TITAN RTX | NVIDIA TITAN RTX | | 0
Nvidia | Quadro P6000 | NVIDIA Quadro P6000 | | 0
Nvidia | AGX Xavier | NVIDIA AGX Xavier | | 0
Nvidia | Tesla T4 | NVIDIA T4 | | 0
Nvidia | GeForce RTX 2080 Ti | NVIDIA RTX 2080 Ti | | 0
Nvidia | Quadro RTX 8000 | NVIDIA Quadro RTX 8000 | | 0
Nvidia | A100 80GB PCIe | NVIDIA A100 | 80GB PCIe | 80
Nvidia | A40 | NVIDIA A40 | | 0
Nvidia | RTX A6000 | NVIDIA RTX A6000 | | 0
Nvidia | L40S | NVIDIA L40S | | 0
Nvidia | L4 | NVIDIA L4 | | 0
Nvidia | RTX 6000 Ada Generation | NVIDIA RTX 6000 Ada | | 0
Nvidia | H100 NVL | NVIDIA H100 | NVL | 0
Nvidia | GH200 | NVIDIA GH200 | | 0
AMD | AMD Instinct MI300X | AMD MI300X | | 0
AMD | Radeon Instinct MI50 32GB | AMD MI50 | 32GB | 32
AMD | Instinct MI210 | AMD MI210 | | 0
Advanced Micro Devices, Inc. [AMD/ATI] | Aldebaran/MI200 [Instinct MI250X/MI250] | AMD MI250X/MI250 | | 0
Intel(R) | Data Center GPU Flex 170 | Intel Flex 170 | | 0
 | NVIDIA L40S | NVIDIA L40S | | 0
Acme | Booster-2 | Acme Booster-2 | | 0
 | | | | 0
`

func TestGPUNames(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(strings.TrimPrefix(models, "\n")) {
		column := strings.Split(strings.TrimSpace(" "+line), "|")
		for i := range column {
			column[i] = strings.TrimSpace(column[i])
		}
		vendor, model, family, details, memory := column[0], column[1], column[2], column[3], column[4]

		got := facts(hardware.Properties(),
			read(t, fmt.Sprintf(`{"gpu":{"gpu":true,"gpu_vendor":%q,"gpu_model":%q}}`, vendor, model)))
		var gib int64
		_, _ = fmt.Sscan(got["gpu_memory"], &gib)
		if name := strings.TrimSpace(family + " " + details); got["gpu_family"] != family || got["gpu_name"] != name ||
			fmt.Sprint(gib>>30) != memory {
			t.Errorf("%s %s: family %q, name %q, %d GiB", vendor, model, got["gpu_family"], got["gpu_name"], gib>>30)
		}
	}
}

// Each GPU has a device of its own, which says how much memory it has.
func TestGPUDevices(t *testing.T) {
	t.Parallel()
	diff(t, "two GPUs", facts(hardware.Properties(), read(t, `{"gpu_devices":{
		"nvidia0":{"vendor":"Nvidia","model":"A100 80GB PCIe","memory":85899345920},
		"nvidia1":{"vendor":"Nvidia","model":"A100 80GB PCIe","memory":85899345920}}}`)), map[string]string{
		"gpu": "true", "gpus": "2", "gpu_vendor": "Nvidia", "gpu_model": "A100 80GB PCIe", "gpu_family": "NVIDIA A100",
		"gpu_name": "NVIDIA A100 80GB PCIe", "gpu_memory": "85899345920", "accelerators": "2 × NVIDIA A100 80GB PCIe",
	})
}
