package browsertest

import "github.com/chromedp/cdproto/emulation"

// Paper makes the tab show pages as they are printed, on A4 with margins.
func (b *Browser) Paper() {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: 680, Height: 1000, DeviceScaleFactor: 1})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
}
