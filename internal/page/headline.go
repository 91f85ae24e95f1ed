package page

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
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
	return cmp.Or(n.brief("processor"), n.Type)
}

// What vendors write around a processor's name.
var (
	marks     = regexp.MustCompile(`\((?:R|TM|C)\)|®|™`)
	processor = regexp.MustCompile(`(?i)\s+(?:CPU|Processor|\d+-Core Processor)\b`)
	clock     = regexp.MustCompile(`\s*@.*$`)
	blanks    = regexp.MustCompile(`\s+`)
)

// brief is the value of a property where there is little room: a processor without what
// vendors write around its name.
func (n *node) brief(name string) string {
	text := n.Show(name)
	if name != "processor" {
		return text
	}

	text = marks.ReplaceAllString(text, "")
	text = clock.ReplaceAllString(text, "")
	text = processor.ReplaceAllString(text, "")
	text = strings.Replace(text, "Intel Xeon ", "Xeon ", 1)

	return strings.TrimSpace(blanks.ReplaceAllString(text, " "))
}
