package page

import (
	"cmp"
	"fmt"
)

// Headline says what a node is for people: by its GPUs, else its FPGA, else its
// processors.
func (n *node) Headline() string {
	name := n.Show("gpu_name")
	switch count := n.number("gpus"); {
	case count > 0 && name != "":
		return fmt.Sprintf("%d × %s", count, name)
	case count > 0:
		return cmp.Or(n.Show("accelerators"), fmt.Sprintf("%d GPUs", count))
	}
	if fpga := n.Show("fpga_model"); fpga != "" {
		return "FPGA " + fpga
	}
	return cmp.Or(n.Show("processor"), n.Type)
}
