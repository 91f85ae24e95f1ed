package hardware

import (
	"fmt"
	"strings"
)

// FlavorGPU says which GPUs an instance of a flavor gets, from its file: "1 × A100",
// "1 × slice 1g.12gb", or "" for none.
func FlavorGPU(file Value) string {
	gpu := file.Get("gpu")
	if !gpu.Get("gpu").True() {
		return ""
	}

	what := gpu.Get("gpu_model").String()
	if profile := gpu.Get("gpu_mig_profile").String(); profile != "" {
		what = strings.TrimSpace(what + " slice " + profile)
	}
	if what == "" {
		what = "GPU"
	}
	return fmt.Sprintf("%d × %s", max(1, gpu.Get("gpu_count").Int()), what)
}

// FlavorTexts are the texts in which a search finds the words of a flavor: its uid, name, site
// and GPUs.
func FlavorTexts(file Value, uid, site, siteName string) []string {
	return []string{uid, file.Get("name").String(), site, siteName, FlavorGPU(file)}
}
